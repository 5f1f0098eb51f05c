using System.Globalization;
using System.Numerics;

namespace SharpServing.Server.Rest.Json;

/// <summary>
/// Digits of a double as RapidJSON 1.1 makes them: they read back to the same value but are not always the shortest, nor the nearest,
/// since it stops rounding toward the value after nine digits. Source: Loitsch, "Printing floating-point numbers quickly and accurately
/// with integers" (2010), and rapidjson/internal/dtoa.h.
/// </summary>
internal static class Grisu2
{
    private const ulong HiddenBit = 1UL << 52;
    private const int ExponentBias = 0x3FF + 52;
    private const int FirstPower = -348;
    private const int PowerStep = 8;
    private const int PowerCount = 87;

    private static readonly Number[] Powers = MakePowers();

    /// <param name="value">Positive, finite and normal.</param>
    /// <param name="point">Digits before the decimal point; zero or less: zeros behind it.</param>
    public static string DigitsOf(double value, out int point)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        var v = new Number((bits & (HiddenBit - 1)) + HiddenBit, (int)(bits >> 52) - ExponentBias);
        Number upper = Normalize((v.Significand << 1) + 1, v.Exponent - 1);
        Number lower = v.Significand == HiddenBit
            ? new Number((v.Significand << 2) - 1, v.Exponent - 2)
            : new Number((v.Significand << 1) - 1, v.Exponent - 1);
        lower = new Number(lower.Significand << (lower.Exponent - upper.Exponent), upper.Exponent);

        int k = (int)Math.Ceiling((-61 - upper.Exponent) * 0.30102999566398114 + 347);
        int index = (k >> 3) + 1;
        int decimalExponent = -(FirstPower + index * PowerStep);
        Number power = Powers[index];
        Number w = Multiply(Normalize(v.Significand, v.Exponent), power);
        Number high = Multiply(upper, power);
        ulong highSignificand = high.Significand - 1;
        ulong delta = highSignificand - (Multiply(lower, power).Significand + 1);
        Span<char> digits = stackalloc char[20];
        int length = Generate(w.Significand, highSignificand, high.Exponent, delta, digits, ref decimalExponent);
        point = length + decimalExponent;
        return digits[..length].ToString();
    }

    private static int Generate(ulong w, ulong high, int exponent, ulong delta, Span<char> digits, ref int decimalExponent)
    {
        int shift = -exponent;
        ulong one = 1UL << shift;
        ulong distance = high - w;
        uint whole = (uint)(high >> shift);
        ulong fraction = high & (one - 1);
        int kappa = whole.ToString(CultureInfo.InvariantCulture).Length;
        int length = 0;
        while (kappa > 0)
        {
            uint unit = PowerOfTen(kappa - 1);
            uint digit = whole / unit;
            whole %= unit;
            if (digit != 0 || length > 0)
            {
                digits[length++] = (char)('0' + digit);
            }

            kappa--;
            ulong rest = ((ulong)whole << shift) + fraction;
            if (rest <= delta)
            {
                decimalExponent += kappa;
                Round(digits, length, delta, rest, (ulong)unit << shift, distance);
                return length;
            }
        }

        while (true)
        {
            fraction *= 10;
            delta *= 10;
            uint digit = (uint)(fraction >> shift);
            if (digit != 0 || length > 0)
            {
                digits[length++] = (char)('0' + digit);
            }

            fraction &= one - 1;
            kappa--;
            if (fraction < delta)
            {
                decimalExponent += kappa;
                Round(digits, length, delta, fraction, one, distance * (-kappa < 9 ? PowerOfTen(-kappa) : 0));
                return length;
            }
        }
    }

    /// <summary>Moves the last digit toward the value.</summary>
    private static void Round(Span<char> digits, int length, ulong delta, ulong rest, ulong unit, ulong distance)
    {
        while (rest < distance && delta - rest >= unit && (rest + unit < distance || distance - rest > rest + unit - distance))
        {
            digits[length - 1]--;
            rest += unit;
        }
    }

    private static uint PowerOfTen(int exponent)
    {
        uint power = 1;
        for (; exponent > 0; exponent--)
        {
            power *= 10;
        }

        return power;
    }

    private static Number Normalize(ulong significand, int exponent)
    {
        int shift = BitOperations.LeadingZeroCount(significand);
        return new Number(significand << shift, exponent - shift);
    }

    private static Number Multiply(Number a, Number b)
    {
        ulong high = Math.BigMul(a.Significand, b.Significand, out ulong low);
        return new Number(high + (low >> 63), a.Exponent + b.Exponent + 64);
    }

    /// <summary>10^-348, 10^-340, … 10^340, each rounded to 64 bits.</summary>
    private static Number[] MakePowers()
    {
        var powers = new Number[PowerCount];
        for (int i = 0; i < PowerCount; i++)
        {
            int exponent = FirstPower + i * PowerStep;
            BigInteger magnitude = BigInteger.Pow(10, Math.Abs(exponent));
            const int Extra = 1400;
            BigInteger scaled = exponent >= 0 ? magnitude << Extra : (BigInteger.One << Extra) / magnitude;
            int shift = (int)scaled.GetBitLength() - 64;
            BigInteger rounded = (scaled + (BigInteger.One << (shift - 1))) >> shift;
            powers[i] = rounded.GetBitLength() > 64
                ? new Number((ulong)(rounded >> 1), shift + 1 - Extra)
                : new Number((ulong)rounded, shift - Extra);
        }

        return powers;
    }

    /// <summary>Significand times 2^Exponent.</summary>
    private readonly record struct Number(ulong Significand, int Exponent);
}
