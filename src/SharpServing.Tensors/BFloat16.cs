using System.Runtime.CompilerServices;

namespace SharpServing.Tensors;

/// <summary>
/// The upper 16 bits of a float32. Arithmetic is done in float32 and rounded to nearest even, as Eigen's <c>bfloat16</c> does.
/// </summary>
public readonly record struct BFloat16(ushort Bits)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);

    /// <summary>Rounds to nearest even; every NaN becomes 0x7FC0 with its sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? new BFloat16((ushort)((bits >> 16 & 0x8000) | 0x7FC0))
            : new BFloat16((ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16));
    }
}
