using System.Buffers;
using System.Text;

namespace SharpServing.Protos.Text;

/// <summary>What a quoted token means.</summary>
internal static class TextFormatStrings
{
    private const uint ReplacementForBadCodePoint = 0xFFFD;

    /// <summary>Appends the bytes of a string token, quotes taken off and escapes resolved.</summary>
    public static void Append(ReadOnlySpan<byte> token, ArrayBufferWriter<byte> target)
    {
        byte delimiter = token[0];
        ReadOnlySpan<byte> rest = token[1..];
        Span<byte> one = stackalloc byte[1];
        while (!rest.IsEmpty)
        {
            if (rest[0] == '\\' && rest.Length > 1)
            {
                rest = AppendEscape(rest[1..], target);
            }
            else if (rest[0] == delimiter && rest.Length == 1)
            {
                return;
            }
            else
            {
                one[0] = rest[0];
                target.Write(one);
                rest = rest[1..];
            }
        }
    }

    private static ReadOnlySpan<byte> AppendEscape(ReadOnlySpan<byte> rest, ArrayBufferWriter<byte> target)
    {
        byte c = rest[0];
        if (c is >= (byte)'0' and <= (byte)'7')
        {
            return AppendByte(rest, 8, 3, target);
        }

        if (c is (byte)'x' or (byte)'X')
        {
            return AppendByte(rest[1..], 16, 2, target);
        }

        if (c is (byte)'u' or (byte)'U' && TryReadCodePoint(rest, out uint codePoint, out int used))
        {
            AppendCodePoint(codePoint, target);
            return rest[used..];
        }

        target.Write([Translate(c)]);
        return rest[1..];
    }

    private static ReadOnlySpan<byte> AppendByte(ReadOnlySpan<byte> rest, int radix, int maxDigits, ArrayBufferWriter<byte> target)
    {
        int value = 0;
        int digits = 0;
        while (digits < maxDigits && digits < rest.Length && DigitOf(rest[digits]) is int digit && digit < radix)
        {
            value = (value * radix) + digit;
            digits++;
        }

        target.Write([(byte)value]);
        return rest[digits..];
    }

    /// <summary>From the <c>u</c> or <c>U</c> on; a pair of surrogates is put together.</summary>
    private static bool TryReadCodePoint(ReadOnlySpan<byte> rest, out uint codePoint, out int used)
    {
        int digits = rest[0] == 'u' ? 4 : 8;
        used = digits + 1;
        if (!TryReadHex(rest, digits, out codePoint))
        {
            return false;
        }

        if (codePoint is >= 0xD800 and < 0xDC00
            && rest.Length > used + 1 && rest[used] == '\\' && rest[used + 1] == 'u'
            && TryReadHex(rest[(used + 1)..], 4, out uint low) && low is >= 0xDC00 and < 0xE000)
        {
            codePoint = 0x10000 + ((codePoint - 0xD800) << 10) + (low - 0xDC00);
            used += 6;
        }

        return true;
    }

    private static bool TryReadHex(ReadOnlySpan<byte> rest, int digits, out uint value)
    {
        value = 0;
        if (rest.Length <= digits)
        {
            return false;
        }

        for (int i = 1; i <= digits; i++)
        {
            int digit = DigitOf(rest[i]);
            if (digit >= 16)
            {
                return false;
            }

            value = (value << 4) + (uint)digit;
        }

        return true;
    }

    private static void AppendCodePoint(uint codePoint, ArrayBufferWriter<byte> target)
    {
        Rune rune = Rune.IsValid(codePoint) ? new Rune(codePoint) : new Rune(ReplacementForBadCodePoint);
        target.Advance(rune.EncodeToUtf8(target.GetSpan(4)));
    }

    /// <summary>36 or less; 255 for what is no digit.</summary>
    internal static int DigitOf(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'z' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'Z' => c - 'A' + 10,
        _ => 255,
    };

    private static byte Translate(byte c) => c switch
    {
        (byte)'a' => 0x07,
        (byte)'b' => 0x08,
        (byte)'f' => 0x0C,
        (byte)'n' => 0x0A,
        (byte)'r' => 0x0D,
        (byte)'t' => 0x09,
        (byte)'v' => 0x0B,
        (byte)'\\' or (byte)'\'' or (byte)'"' => c,
        _ => (byte)'?',
    };
}
