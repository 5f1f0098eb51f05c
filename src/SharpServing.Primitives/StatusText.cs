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
        if (IsPlain(text))
        {
            return Encoding.UTF8.GetBytes(text);
        }

        var bytes = new ArrayBufferWriter<byte>(text.Length * 3);
        Write(text, bytes);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Writes the bytes that <see cref="FromBytes"/> read.</summary>
    public static void Write(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        if (IsPlain(text))
        {
            Encoding.UTF8.GetBytes(text, output);
            return;
        }

        while (!text.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf16(text, out Rune rune, out int consumed);
            if (status != OperationStatus.Done && text[0] is >= '\uDC80' and <= '\uDCFF')
            {
                output.GetSpan(1)[0] = (byte)(text[0] - 0xDC00);
                output.Advance(1);
            }
            else
            {
                output.Advance(rune.EncodeToUtf8(output.GetSpan(4)));
            }

            text = text[consumed..];
        }
    }

    private static bool IsPlain(ReadOnlySpan<char> text) => !text.ContainsAnyInRange('\uDC80', '\uDCFF');
}
