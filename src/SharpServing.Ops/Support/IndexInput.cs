using SharpServing.Tensors;

namespace SharpServing.Ops.Support;

/// <summary>Reads small integer inputs (axes, shapes, sizes) that may be int32 or int64 (or narrower).</summary>
internal static class IndexInput
{
    public static long At(Tensor tensor, long index) =>
        tensor.DType switch
        {
            DType.Int32 => tensor.Span<int>()[(int)index],
            DType.Int64 => tensor.Span<long>()[(int)index],
            DType.Int16 => tensor.Span<short>()[(int)index],
            DType.UInt16 => tensor.Span<ushort>()[(int)index],
            DType.Int8 => tensor.Span<sbyte>()[(int)index],
            DType.UInt8 => tensor.Span<byte>()[(int)index],
            DType.UInt32 => tensor.Span<uint>()[(int)index],
            _ => throw StatusException.InvalidArgument($"Expected an integer index but got {tensor.DType.ToName()}"),
        };

    public static long Scalar(Tensor tensor) => At(tensor, 0);

    public static long[] All(Tensor tensor)
    {
        long[] values = new long[tensor.ElementCount];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = At(tensor, i);
        }

        return values;
    }

    /// <summary>An int32 or int64 tensor of the dtype an attribute asks for.</summary>
    public static Tensor Make(DType type, ReadOnlySpan<long> values, in Shape shape)
    {
        if (type == DType.Int64)
        {
            return Tensor.FromArray(values, shape);
        }

        Tensor tensor = Tensor.Allocate(DType.Int32, shape);
        Span<int> target = tensor.Span<int>();
        for (int i = 0; i < values.Length; i++)
        {
            target[i] = checked((int)values[i]);
        }

        return tensor;
    }
}
