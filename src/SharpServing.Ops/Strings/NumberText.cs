using System.Globalization;
using System.Numerics;

namespace SharpServing.Ops.Strings;

/// <summary>
/// Numbers in texts: floats as C's strtod takes them (decimal, hexadecimal, inf, infinity, nan, nan(…), any case; overflow gives infinity),
/// integers as decimal digits with one sign. ASCII white space around them is dropped, everything else refused.
/// </summary>
internal static class NumberText
{
    private const NumberStyles Float = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private static readonly System.Buffers.SearchValues<char> Plain = System.Buffers.SearchValues.Create("0123456789+-.eE");

    /// <summary>Without the white space of C's isspace around it.</summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => text.Trim(" \t\n\r\f\v");

    public static bool TryParseFloat(ReadOnlySpan<char> text, out float value)
    {
        text = Trim(text);
        if (TrySpecial(text, out double special))
        {
            value = (float)special;
            return true;
        }

        if (TryHexadecimal(text, out string? exact))
        {
            value = float.Parse(exact, Float, CultureInfo.InvariantCulture);
            return true;
        }

        value = 0;
        return IsPlain(text) && float.TryParse(text, Float, CultureInfo.InvariantCulture, out value);
    }

    public static bool TryParseDouble(ReadOnlySpan<char> text, out double value)
    {
        text = Trim(text);
        if (TrySpecial(text, out value))
        {
            return true;
        }

        if (TryHexadecimal(text, out string? exact))
        {
            value = double.Parse(exact, Float, CultureInfo.InvariantCulture);
            return true;
        }

        return IsPlain(text) && double.TryParse(text, Float, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Unsigned types refuse a minus sign, even that of -0.</summary>
    public static bool TryParseInteger<T>(ReadOnlySpan<char> text, out T value)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        text = Trim(text);
        value = default;
        bool negative = text is ['-', ..];
        bool isSigned = T.IsNegative(T.MinValue);
        ReadOnlySpan<char> digits = text is ['-' or '+', ..] ? text[1..] : text;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9') || (negative && !isSigned))
        {
            return false;
        }

        return T.TryParse(text is ['+', ..] ? digits : text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>.NET would also take "Infinity" and trailing NULs; only digits, sign, point and exponent are left here.</summary>
    private static bool IsPlain(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(Plain);

    private static bool TrySpecial(ReadOnlySpan<char> text, out double value)
    {
        bool negative = text is ['-', ..];
        ReadOnlySpan<char> bare = text is ['-' or '+', ..] ? text[1..] : text;
        if (bare.Equals("inf", StringComparison.OrdinalIgnoreCase) || bare.Equals("infinity", StringComparison.OrdinalIgnoreCase))
        {
            value = negative ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        value = double.NaN;
        return bare.StartsWith("nan", StringComparison.OrdinalIgnoreCase) && (bare.Length == 3 || IsNanTail(bare[3..]));
    }

    /// <summary>The "(characters)" that C allows behind nan.</summary>
    private static bool IsNanTail(ReadOnlySpan<char> tail)
    {
        if (tail is not ['(', .., ')'])
        {
            return false;
        }

        foreach (char c in tail[1..^1])
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>0x1.8p3: the same number in decimal digits, exactly.</summary>
    private static bool TryHexadecimal(ReadOnlySpan<char> text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? exact)
    {
        exact = null;
        bool negative = text is ['-', ..];
        ReadOnlySpan<char> rest = text is ['-' or '+', ..] ? text[1..] : text;
        if (rest is not ['0', 'x' or 'X', ..])
        {
            return false;
        }

        rest = rest[2..];
        int power = rest.IndexOfAny('p', 'P');
        long exponent = 0;
        if (power >= 0)
        {
            ReadOnlySpan<char> digits = rest[(power + 1)..];
            ReadOnlySpan<char> unsigned = digits is ['-' or '+', ..] ? digits[1..] : digits;
            if (unsigned.IsEmpty || unsigned.ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }

            exponent = !long.TryParse(unsigned, NumberStyles.None, CultureInfo.InvariantCulture, out long parsed) ? 1_000_000 : System.Math.Min(parsed, 1_000_000);
            exponent = digits[0] == '-' ? -exponent : exponent;
            rest = rest[..power];
        }

        BigInteger mantissa = BigInteger.Zero;
        bool any = false;
        bool pointSeen = false;
        foreach (char c in rest)
        {
            if (c == '.' && !pointSeen)
            {
                pointSeen = true;
            }
            else if (char.IsAsciiHexDigit(c))
            {
                any = true;
                mantissa = (mantissa << 4) + Convert.ToInt32(c.ToString(), 16);
                exponent -= pointSeen ? 4 : 0;
            }
            else
            {
                return false;
            }
        }

        if (!any)
        {
            return false;
        }

        // Beyond these the value is infinite or zero whatever follows.
        long bits = (long)mantissa.GetBitLength();
        exponent = System.Math.Clamp(exponent, -1200 - bits, System.Math.Max(0, 1100 - bits) + 100);
        exact = exponent >= 0
            ? (mantissa << (int)exponent).ToString(CultureInfo.InvariantCulture)
            : $"{(mantissa * BigInteger.Pow(5, (int)-exponent)).ToString(CultureInfo.InvariantCulture)}E{exponent}";
        exact = negative ? "-" + exact : exact;
        return true;
    }
}
