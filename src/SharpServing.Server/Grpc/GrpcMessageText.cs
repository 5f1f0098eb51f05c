using System.Buffers;

namespace SharpServing.Server.Grpc;

/// <summary>The header <c>grpc-message</c>: percent-encoded UTF-8.</summary>
internal static class GrpcMessageText
{
    /// <summary>Unit: bytes. Longer texts are cut there.</summary>
    private const int Limit = 1024;
    private const string Hex = "0123456789ABCDEF";

    private static readonly SearchValues<char> Plain =
        SearchValues.Create(" !\"#$&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>A text of more than 1024 bytes keeps 1024 and gets <c>...TRUNCATED</c>, as the original's services do.</summary>
    public static string Encode(string message)
    {
        if (message.Length <= Limit && !message.AsSpan().ContainsAnyExcept(Plain))
        {
            return message;
        }

        byte[] bytes = StatusText.ToBytes(message);
        if (bytes.Length > Limit)
        {
            bytes = [.. bytes.AsSpan(0, Limit), .. "...TRUNCATED"u8];
        }

        var text = new System.Text.StringBuilder(bytes.Length + 16);
        foreach (byte b in bytes)
        {
            if (b is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                text.Append((char)b);
            }
            else
            {
                text.Append('%').Append(Hex[b >> 4]).Append(Hex[b & 15]);
            }
        }

        return text.ToString();
    }
}
