using System.Numerics;

namespace SharpServing.Server.Rest.Json;

/// <summary>
/// The first nine significant digits of a float, rounded as <c>%.9g</c> rounds: one product of the significand with a power of ten of 64
/// bits. Where that product lies too near the middle between two results, the answer is "do not know".
/// </summary>
internal static class FloatDigits
{
    private const int DigitCount = 9;
    private const uint First = 100_000_000;
    private const int MinPower = -32;
    private const int MaxPower = 55;

    /// <summary>10^(index + MinPower) = Significand × 2^Exponent, the significand rounded to 64 bits with its top bit set.</summary>
    private static readonly (ulong Significand, int Exponent)[] Powers = MakePowers();

    private static readonly double[] ExactPowers =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <param name="value">Positive, normal.</param>
    /// <param name="digits">100,000,000 to 999,999,999.</param>
    /// <param name="exponent">Power of ten of the first digit.</param>
    public static bool TryGet(float value, out uint digits, out int exponent)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        ulong significand = (bits & 0x7FFFFF) | 0x800000;
        int binary = (int)(bits >> 23) - 150;

        // floor(log10) from log2 of the leading bit, at most one too low.
        exponent = (int)Math.Floor((binary + 23) * 0.30102999566398120);
        for (int attempt = 0; attempt < 2; attempt++)
        {
            if (!TryScale(significand, binary, DigitCount - 1 - exponent, out digits))
            {
                return false;
            }

            if (digits < First * 10)
            {
                return digits >= First;
            }

            exponent++;
        }

        digits = 0;
        return false;
    }

    /// <summary>Whether <paramref name="digits"/> × 10^<paramref name="power"/> reads back to <paramref name="value"/>; null: not known.</summary>
    public static bool? ReadsBack(float value, uint digits, int power)
    {
        if (Math.Abs(power) >= ExactPowers.Length)
        {
            return null;
        }

        double decimalValue = power >= 0 ? digits * ExactPowers[power] : digits / ExactPowers[-power];
        double half = (MathF.BitIncrement(value) - (double)value) / 2;
        double distance = Math.Abs(decimalValue - value);
        if (distance < half * 0.49)
        {
            return true;
        }

        return distance > half * 1.01 ? false : null;
    }

    /// <summary>significand × 2^binary × 10^power, rounded to the nearest integer.</summary>
    private static bool TryScale(ulong significand, int binary, int power, out uint result)
    {
        result = 0;
        if (power is < MinPower or > MaxPower)
        {
            return false;
        }

        (ulong multiplier, int exponent) = Powers[power - MinPower];
        UInt128 product = (UInt128)significand * multiplier;
        int shift = -(binary + exponent);
        if (shift is < 40 or > 100)
        {
            return false;
        }

        UInt128 integer = product >> shift;
        UInt128 fraction = product - (integer << shift);
        UInt128 half = UInt128.One << (shift - 1);

        // The power of ten is half a unit off at most: so is the product by half a significand.
        UInt128 error = UInt128.One << 24;
        if (fraction + error >= half && fraction <= half + error)
        {
            return false;
        }

        integer += fraction > half ? UInt128.One : UInt128.Zero;
        result = integer <= uint.MaxValue ? (uint)integer : uint.MaxValue;
        return integer <= uint.MaxValue;
    }

    private static (ulong Significand, int Exponent)[] MakePowers()
    {
        var powers = new (ulong, int)[MaxPower - MinPower + 1];
        for (int i = 0; i < powers.Length; i++)
        {
            int power = i + MinPower;
            var magnitude = BigInteger.Pow(10, Math.Abs(power));
            const int Extra = 256;
            BigInteger scaled = power >= 0 ? magnitude << Extra : (BigInteger.One << Extra) / magnitude;
            int shift = (int)scaled.GetBitLength() - 64;
            BigInteger rounded = (scaled + (BigInteger.One << (shift - 1))) >> shift;
            powers[i] = rounded.GetBitLength() > 64 ? ((ulong)(rounded >> 1), shift + 1 - Extra) : ((ulong)rounded, shift - Extra);
        }

        return powers;
    }
}
