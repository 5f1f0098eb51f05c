using System.Runtime.InteropServices;
using SharpServing.Tensors;

namespace SharpServing.Verification;

/// <summary>Elements of plain tensors as float64; a complex number is two components.</summary>
internal static class PlainValues
{
    public static int ComponentSize(DType type) => type.IsComplex() ? type.SizeOf() / 2 : type.SizeOf();

    public static double[] All(DType type, ReadOnlySpan<byte> bytes)
    {
        var values = new double[bytes.Length / ComponentSize(type)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = At(type, bytes, i);
        }

        return values;
    }

    /// <summary>8-bit floating types count as their bits.</summary>
    public static double At(DType type, ReadOnlySpan<byte> bytes, int index) => type switch
    {
        DType.Float or DType.Complex64 => MemoryMarshal.Cast<byte, float>(bytes)[index],
        DType.Double or DType.Complex128 => MemoryMarshal.Cast<byte, double>(bytes)[index],
        DType.Half => (double)MemoryMarshal.Cast<byte, Half>(bytes)[index],
        DType.BFloat16 => (float)MemoryMarshal.Cast<byte, BFloat16>(bytes)[index],
        DType.Int64 => MemoryMarshal.Cast<byte, long>(bytes)[index],
        DType.UInt64 => MemoryMarshal.Cast<byte, ulong>(bytes)[index],
        DType.Int32 or DType.QInt32 => MemoryMarshal.Cast<byte, int>(bytes)[index],
        DType.UInt32 => MemoryMarshal.Cast<byte, uint>(bytes)[index],
        DType.Int16 or DType.QInt16 => MemoryMarshal.Cast<byte, short>(bytes)[index],
        DType.UInt16 or DType.QUInt16 => MemoryMarshal.Cast<byte, ushort>(bytes)[index],
        DType.Int8 or DType.QInt8 => (sbyte)bytes[index],
        _ => bytes[index],
    };

    public static bool IsNaN(DType type, ReadOnlySpan<byte> bytes, int index) => type switch
    {
        DType.Float8E5M2 => (bytes[index] & 0x7F) > 0x7C,
        DType.Float8E4M3FN => (bytes[index] & 0x7F) == 0x7F,
        DType.Float8E4M3FNUZ or DType.Float8E4M3B11FNUZ or DType.Float8E5M2FNUZ => bytes[index] == 0x80,
        _ => double.IsNaN(At(type, bytes, index)),
    };
}
