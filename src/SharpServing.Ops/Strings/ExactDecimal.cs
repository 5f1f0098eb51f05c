using System.Globalization;
using System.Numerics;

namespace SharpServing.Ops.Strings;

/// <summary>A finite double as C's printf prints it: from its exact binary value, ties to even, at any precision.</summary>
internal static class ExactDecimal
{
    /// <summary>%f.</summary>
    public static string Fixed(double value, int precision)
    {
        (BigInteger mantissa, int exponent) = Split(value);
        string digits = RoundedScale(mantissa, exponent, precision).ToString(CultureInfo.InvariantCulture);
        if (precision > 0)
        {
            digits = digits.PadLeft(precision + 1, '0');
            digits = $"{digits[..^precision]}.{digits[^precision..]}";
        }

        return double.IsNegative(value) ? "-" + digits : digits;
    }

    /// <summary>%e.</summary>
    public static string Scientific(double value, int precision)
    {
        string digits = Digits(value, precision + 1, out int exponent);
        string mantissa = precision > 0 ? $"{digits[0]}.{digits[1..]}" : digits;
        return $"{(double.IsNegative(value) ? "-" : string.Empty)}{mantissa}e{(exponent < 0 ? '-' : '+')}{System.Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
    }

    /// <summary>%g: no trailing zeros unless <paramref name="keepZeros"/> (the flag #).</summary>
    public static string General(double value, int precision, bool keepZeros)
    {
        precision = System.Math.Max(precision, 1);
        _ = Digits(value, precision, out int exponent);
        bool scientific = exponent < -4 || exponent >= precision;
        string text = scientific ? Scientific(value, precision - 1) : Fixed(value, precision - 1 - exponent);
        if (keepZeros)
        {
            return text;
        }

        int tail = scientific ? text.IndexOf('e', StringComparison.Ordinal) : text.Length;
        string head = text[..tail];
        return (head.Contains('.', StringComparison.Ordinal) ? head.TrimEnd('0').TrimEnd('.') : head) + text[tail..];
    }

    /// <summary>The first digits, rounded, and the power of ten of the first.</summary>
    private static string Digits(double value, int count, out int exponent)
    {
        if (value == 0)
        {
            exponent = 0;
            return new string('0', count);
        }

        (BigInteger mantissa, int binary) = Split(value);
        // From below: a digit too many shows, one that rounding made does not.
        exponent = (int)System.Math.Floor(System.Math.Log10(System.Math.Abs(value))) - 1;
        while (true)
        {
            string digits = RoundedScale(mantissa, binary, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
            if (digits.Length == count)
            {
                return digits;
            }

            exponent += digits.Length - count;
        }
    }

    /// <summary>mantissa · 2^exponent · 10^scale, rounded half to even.</summary>
    private static BigInteger RoundedScale(BigInteger mantissa, int exponent, int scale)
    {
        BigInteger numerator = mantissa;
        BigInteger denominator = BigInteger.One;
        if (scale >= 0)
        {
            numerator *= BigInteger.Pow(10, scale);
        }
        else
        {
            denominator = BigInteger.Pow(10, -scale);
        }

        if (exponent >= 0)
        {
            numerator <<= exponent;
        }
        else
        {
            denominator <<= -exponent;
        }

        BigInteger quotient = BigInteger.DivRem(numerator, denominator, out BigInteger remainder);
        int half = (remainder << 1).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static (BigInteger Mantissa, int Exponent) Split(double value)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        int exponent = (int)(bits >> 52) & 0x7FF;
        ulong fraction = bits & 0xFFFFFFFFFFFFFUL;
        return exponent == 0 ? (fraction, -1074) : (fraction | (1UL << 52), exponent - 1075);
    }
}
