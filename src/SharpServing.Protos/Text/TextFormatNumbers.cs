using System.Globalization;

namespace SharpServing.Protos.Text;

/// <summary>What a number token means.</summary>
internal static class TextFormatNumbers
{
    /// <summary>Decimal, octal behind <c>0</c>, hexadecimal behind <c>0x</c>.</summary>
    /// <returns>False beyond <paramref name="max"/> and for a digit the radix does not have.</returns>
    public static bool TryParseInteger(ReadOnlySpan<byte> token, ulong max, out ulong value)
    {
        uint radix = IsHex(token) ? 16u : token[0] == '0' ? 8u : 10u;
        value = 0;
        foreach (byte c in radix == 16 ? token[2..] : token)
        {
            uint digit = (uint)TextFormatStrings.DigitOf(c);
            if (digit >= radix || digit > max || value > (max - digit) / radix)
            {
                return false;
            }

            value = (value * radix) + digit;
        }

        return true;
    }

    /// <summary>Takes an <c>f</c> at the end and an exponent without digits, as <c>strtod</c> does.</summary>
    public static double ParseFloat(ReadOnlySpan<byte> token)
    {
        token = token.TrimEnd("fFeE+-"u8);
        return double.TryParse(token, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double value)
            ? value
            : 0;
    }

    public static bool IsHex(ReadOnlySpan<byte> token) => token.Length > 1 && token[0] == '0' && token[1] is (byte)'x' or (byte)'X';

    public static bool IsOctal(ReadOnlySpan<byte> token) => token.Length > 1 && token[0] == '0' && token[1] is >= (byte)'0' and <= (byte)'7';
}
