using SharpServing.Tensors;

namespace SharpServing.Server.Grpc;

/// <summary>Field numbers of <c>tensorflow.TensorProto</c> and which of them holds the values of which dtype.</summary>
internal static class TensorProtoFields
{
    public const int DType = 1;
    public const int Shape = 2;
    public const int Version = 3;
    public const int Content = 4;
    public const int Float = 5;
    public const int Double = 6;
    public const int Int = 7;
    public const int String = 8;
    public const int SComplex = 9;
    public const int Int64 = 10;
    public const int Bool = 11;
    public const int DComplex = 12;
    public const int Half = 13;
    public const int Resource = 14;
    public const int Variant = 15;
    public const int UInt32 = 16;
    public const int UInt64 = 17;
    public const int Float8 = 18;

    /// <summary>Field with the values of <paramref name="type"/>; 0: there is none.</summary>
    public static int FieldOf(DType type) => type switch
    {
        Tensors.DType.Float => Float,
        Tensors.DType.Double => Double,
        Tensors.DType.Int32 or Tensors.DType.UInt8 or Tensors.DType.Int16 or Tensors.DType.Int8 or Tensors.DType.UInt16 => Int,
        Tensors.DType.QInt8 or Tensors.DType.QUInt8 or Tensors.DType.QInt32 or Tensors.DType.QInt16 or Tensors.DType.QUInt16 => Int,
        Tensors.DType.Int4 or Tensors.DType.UInt4 or Tensors.DType.Int2 or Tensors.DType.UInt2 => Int,
        Tensors.DType.String => String,
        Tensors.DType.Complex64 => SComplex,
        Tensors.DType.Complex128 => DComplex,
        Tensors.DType.Int64 => Int64,
        Tensors.DType.Bool => Bool,
        Tensors.DType.Half or Tensors.DType.BFloat16 => Half,
        Tensors.DType.UInt32 => UInt32,
        Tensors.DType.UInt64 => UInt64,
        Tensors.DType.Resource => Resource,
        Tensors.DType.Variant => Variant,
        >= Tensors.DType.Float8E5M2 and <= Tensors.DType.Float8E5M2FNUZ => Float8,
        _ => 0,
    };

    /// <summary>Bytes of one wire value of a packable field of fixed size; 0 for all other fields.</summary>
    public static int FixedSizeOf(int field) => field switch
    {
        Float or SComplex => sizeof(float),
        Double or DComplex => sizeof(double),
        _ => 0,
    };

    public static bool IsVarint(int field) => field is Int or Int64 or Bool or Half or UInt32 or UInt64;
}
