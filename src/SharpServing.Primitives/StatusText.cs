using System.Buffers;
using System.Text;

namespace SharpServing;

/// <summary>
/// Texts that may quote bytes which are not UTF-8 (a rejected tf.Example, say). Each such byte b is held as the lone surrogate
/// U+DC00 + b, so that the original bytes come out again on the wire.
/// </summary>
public static class StatusText
{
    /// <summary>Decodes UTF-8; a byte that is not UTF-8 becomes a lone surrogate.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        Span<char> pair = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int consumed);
            if (status == OperationStatus.Done)
            {
                text.Append(pair[..rune.EncodeToUtf16(pair)]);
            }
            else
            {
                for (int i = 0; i < consumed; i++)
                {
                    text.Append((char)(0xDC00 + bytes[i]));
                }
            }

            bytes = bytes[consumed..];
        }

        return text.ToString();
    }

    /// <summary>The bytes that <see cref="FromBytes"/> read.</summary>
    public static byte[] ToBytes(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uDC80', '\uDCFF'))
        {
            return Encoding.UTF8.GetBytes(text);
        }

        var bytes = new ArrayBufferWriter<byte>(text.Length * 3);
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf16(rest, out Rune rune, out int consumed);
            if (status != OperationStatus.Done && rest[0] is >= '\uDC80' and <= '\uDCFF')
            {
                bytes.GetSpan(1)[0] = (byte)(rest[0] - 0xDC00);
                bytes.Advance(1);
            }
            else
            {
                bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
            }

            rest = rest[consumed..];
        }

        return bytes.WrittenSpan.ToArray();
    }
}
