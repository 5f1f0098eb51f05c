namespace SharpServing.Tensors;

/// <summary>Facts of each <see cref="DType"/>: one row a type.</summary>
public static class DTypes
{
    private static readonly (string Name, int Size)[] Rows = MakeRows();

    /// <summary>Bytes of one element; 0 for string, resource and variant. 4-bit and 2-bit types take a whole byte.</summary>
    public static int SizeOf(this DType type) => (uint)type < (uint)Rows.Length ? Rows[(int)type].Size : 0;

    /// <summary>TensorFlow's name: <c>float</c>, <c>int32</c>, <c>bfloat16</c> (<c>DataTypeString</c>).</summary>
    public static string ToName(this DType type) => (uint)type < (uint)Rows.Length ? Rows[(int)type].Name : $"unknown dtype enum ({(int)type})";

    /// <summary>True when elements live in native memory as plain values.</summary>
    public static bool IsPlain(this DType type) => type.SizeOf() > 0;

    public static bool IsFloating(this DType type) =>
        type is DType.Float or DType.Double or DType.Half or DType.BFloat16;

    public static bool IsComplex(this DType type) => type is DType.Complex64 or DType.Complex128;

    public static bool IsInteger(this DType type) =>
        type is DType.Int8 or DType.Int16 or DType.Int32 or DType.Int64 or DType.UInt8 or DType.UInt16 or DType.UInt32 or DType.UInt64;

    /// <summary>The base type of a reference type (number above 100); any other type unchanged.</summary>
    public static DType BaseOf(int number) => (DType)(number > 100 ? number - 100 : number);

    private static (string Name, int Size)[] MakeRows()
    {
        var rows = new (string, int)[33];
        Array.Fill(rows, ("INVALID", 0));
        rows[(int)DType.Float] = ("float", 4);
        rows[(int)DType.Double] = ("double", 8);
        rows[(int)DType.Int32] = ("int32", 4);
        rows[(int)DType.UInt8] = ("uint8", 1);
        rows[(int)DType.Int16] = ("int16", 2);
        rows[(int)DType.Int8] = ("int8", 1);
        rows[(int)DType.String] = ("string", 0);
        rows[(int)DType.Complex64] = ("complex64", 8);
        rows[(int)DType.Int64] = ("int64", 8);
        rows[(int)DType.Bool] = ("bool", 1);
        rows[(int)DType.QInt8] = ("qint8", 1);
        rows[(int)DType.QUInt8] = ("quint8", 1);
        rows[(int)DType.QInt32] = ("qint32", 4);
        rows[(int)DType.BFloat16] = ("bfloat16", 2);
        rows[(int)DType.QInt16] = ("qint16", 2);
        rows[(int)DType.QUInt16] = ("quint16", 2);
        rows[(int)DType.UInt16] = ("uint16", 2);
        rows[(int)DType.Complex128] = ("complex128", 16);
        rows[(int)DType.Half] = ("half", 2);
        rows[(int)DType.Resource] = ("resource", 0);
        rows[(int)DType.Variant] = ("variant", 0);
        rows[(int)DType.UInt32] = ("uint32", 4);
        rows[(int)DType.UInt64] = ("uint64", 8);
        rows[(int)DType.Float8E5M2] = ("float8_e5m2", 1);
        rows[(int)DType.Float8E4M3FN] = ("float8_e4m3fn", 1);
        rows[(int)DType.Float8E4M3FNUZ] = ("float8_e4m3fnuz", 1);
        rows[(int)DType.Float8E4M3B11FNUZ] = ("float8_e4m3b11fnuz", 1);
        rows[(int)DType.Float8E5M2FNUZ] = ("float8_e5m2fnuz", 1);
        rows[(int)DType.Int4] = ("int4", 1);
        rows[(int)DType.UInt4] = ("uint4", 1);
        rows[(int)DType.Int2] = ("int2", 1);
        rows[(int)DType.UInt2] = ("uint2", 1);
        return rows;
    }
}
