using System.Numerics;

namespace SharpServing.Tensors;

/// <summary>The <see cref="DType"/> of a .NET element type; quantized types share the type of their storage.</summary>
public static class DTypeOf<T>
    where T : unmanaged
{
    public static readonly DType Value = Find();

    private static DType Find() =>
        typeof(T) == typeof(float) ? DType.Float :
        typeof(T) == typeof(double) ? DType.Double :
        typeof(T) == typeof(int) ? DType.Int32 :
        typeof(T) == typeof(byte) ? DType.UInt8 :
        typeof(T) == typeof(short) ? DType.Int16 :
        typeof(T) == typeof(sbyte) ? DType.Int8 :
        typeof(T) == typeof(Complex64) ? DType.Complex64 :
        typeof(T) == typeof(long) ? DType.Int64 :
        typeof(T) == typeof(bool) ? DType.Bool :
        typeof(T) == typeof(BFloat16) ? DType.BFloat16 :
        typeof(T) == typeof(ushort) ? DType.UInt16 :
        typeof(T) == typeof(Complex) ? DType.Complex128 :
        typeof(T) == typeof(Half) ? DType.Half :
        typeof(T) == typeof(uint) ? DType.UInt32 :
        typeof(T) == typeof(ulong) ? DType.UInt64 :
        DType.Invalid;
}
