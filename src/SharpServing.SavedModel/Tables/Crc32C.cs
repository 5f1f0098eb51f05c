using System.Buffers.Binary;
using System.Numerics;

namespace SharpServing.SavedModel.Tables;

/// <summary>CRC-32C (Castagnoli, RFC 3720 B.4), by the processor's instruction where it has one.</summary>
public static class Crc32C
{
    private const uint Polynomial = 0x82F63B78;
    private const uint MaskDelta = 0xA282EAD8;

    /// <summary>x^(2^k) modulo the polynomial, bits reflected.</summary>
    private static readonly uint[] Powers = MakePowers();

    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The sum of the bytes that <paramref name="crc"/> is the sum of, followed by <paramref name="bytes"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

    /// <summary>The sum of A followed by B, from their sums and the length of B in bytes.</summary>
    public static uint Combine(uint first, uint second, long secondLength)
    {
        uint shift = 1u << 31;
        int power = 3;
        for (ulong n = (ulong)secondLength; n != 0; n >>= 1, power++)
        {
            if ((n & 1) != 0)
            {
                shift = Multiply(Powers[power], shift);
            }
        }

        return Multiply(shift, first) ^ second;
    }

    /// <summary>How a sum is stored beside the bytes it covers (leveldb's masking).</summary>
    public static uint Mask(uint crc) => BitOperations.RotateRight(crc, 15) + MaskDelta;

    public static uint Unmask(uint masked) => BitOperations.RotateLeft(masked - MaskDelta, 15);

    /// <summary>Product of two polynomials modulo the polynomial, bits reflected.</summary>
    private static uint Multiply(uint a, uint b)
    {
        uint product = 0;
        for (uint bit = 1u << 31; bit != 0; bit >>= 1)
        {
            if ((a & bit) != 0)
            {
                product ^= b;
            }

            b = (b & 1) != 0 ? (b >> 1) ^ Polynomial : b >> 1;
        }

        return product;
    }

    private static uint[] MakePowers()
    {
        var powers = new uint[68];
        powers[0] = 1u << 30;
        for (int i = 1; i < powers.Length; i++)
        {
            powers[i] = Multiply(powers[i - 1], powers[i - 1]);
        }

        return powers;
    }
}
