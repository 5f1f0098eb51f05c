using SharpServing.Tensors;

namespace SharpServing.Ops.Random;

/// <summary>Random bits → numbers in [0, 1), as tensorflow/core/lib/random/random_distributions.h makes them.</summary>
internal static class UniformBits
{
    public static float ToFloat(uint bits) => BitConverter.UInt32BitsToSingle((bits & 0x7FFFFF) | 0x3F800000) - 1f;

    public static double ToDouble(uint low, uint high) =>
        BitConverter.UInt64BitsToDouble(((ulong)(low & 0xFFFFF) << 32) | high | 0x3FF0000000000000) - 1.0;

    public static Half ToHalf(uint bits) => BitConverter.UInt16BitsToHalf((ushort)((bits & 0x3FF) | 0x3C00)) - Half.One;

    public static BFloat16 ToBFloat16(uint bits) => (BFloat16)((float)new BFloat16((ushort)((bits & 0x7F) | 0x3F80)) - 1f);
}
