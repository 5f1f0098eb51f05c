using System.Globalization;
using SharpServing.Ops.Support;
using SharpServing.Tensors;

namespace SharpServing.Ops.Lookup;

/// <summary>One element as error texts print it.</summary>
internal static class ElementText
{
    public static string Of(Tensor tensor, long index) =>
        tensor.DType == DType.String ? StatusText.FromBytes(tensor.String(index))
        : Of(tensor.Bytes.Slice((int)index * tensor.DType.SizeOf(), tensor.DType.SizeOf()), tensor.DType);

    public static string Of(ReadOnlySpan<byte> value, DType type) => type switch
    {
        DType.String => StatusText.FromBytes(value),
        DType.Int32 => BitConverter.ToInt32(value).ToString(CultureInfo.InvariantCulture),
        DType.Int64 => BitConverter.ToInt64(value).ToString(CultureInfo.InvariantCulture),
        DType.Float => FloatText(BitConverter.ToSingle(value), value, type),
        _ => FloatText(BitConverter.ToDouble(value), value, type),
    };

    private static string FloatText(double value, ReadOnlySpan<byte> bytes, DType type)
    {
        Tensor scalar = type == DType.Float ? Tensor.FromScalar(BitConverter.ToSingle(bytes)) : Tensor.FromScalar(value);
        try
        {
            return ValueSummary.Of(scalar, 1);
        }
        finally
        {
            scalar.Release();
        }
    }
}
