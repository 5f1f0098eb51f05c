using SharpServing.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace SharpServing.Ops.Support;

/// <summary>Values of any real dtype as float32, as C++ converts them.</summary>
internal static class FloatValues
{
    /// <summary>The tensor itself when it is float32, else a converted copy; one reference for the caller.</summary>
    public static Tensor Of(Tensor input)
    {
        if (input.DType == DType.Float)
        {
            return input.AddRef();
        }

        if (input.DType is DType.Half or DType.BFloat16)
        {
            return BFloat16Bridge.Widen(input);
        }

        Tensor wide = Tensor.Allocate(DType.Float, input.Shape);
        Span<float> target = wide.Span<float>();
        switch (input.DType)
        {
            case DType.Double:
                TensorPrimitives.ConvertTruncating<double, float>(input.Span<double>(), target);
                break;
            case DType.Int8:
                TensorPrimitives.ConvertTruncating<sbyte, float>(input.Span<sbyte>(), target);
                break;
            case DType.Int16:
                TensorPrimitives.ConvertTruncating<short, float>(input.Span<short>(), target);
                break;
            case DType.Int32:
                TensorPrimitives.ConvertTruncating<int, float>(input.Span<int>(), target);
                break;
            case DType.Int64:
                TensorPrimitives.ConvertTruncating<long, float>(input.Span<long>(), target);
                break;
            case DType.UInt8:
                TensorPrimitives.ConvertTruncating<byte, float>(input.Span<byte>(), target);
                break;
            case DType.UInt16:
                TensorPrimitives.ConvertTruncating<ushort, float>(input.Span<ushort>(), target);
                break;
            default:
                wide.Release();
                throw StatusException.InvalidArgument($"{input.DType.ToName()} values are not real numbers");
        }

        return wide;
    }
}
