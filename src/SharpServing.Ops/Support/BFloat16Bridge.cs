using SharpServing.Kernels;
using SharpServing.Tensors;

namespace SharpServing.Ops.Support;

/// <summary>
/// Half and bfloat16 through float32: operands are widened, the result rounded once, as Eigen computes them.
/// </summary>
internal static class BFloat16Bridge
{
    /// <summary>A pooled float32 copy of a half or bfloat16 tensor; one reference for the caller.</summary>
    public static Tensor Widen(Tensor input)
    {
        Tensor wide = Tensor.Allocate(DType.Float, input.Shape);
        if (input.DType == DType.Half)
        {
            FloatConvert.ToFloat(input.Span<Half>(), wide.Span<float>());
        }
        else
        {
            FloatConvert.ToFloat(input.Span<BFloat16>(), wide.Span<float>());
        }

        return wide;
    }

    /// <summary>Rounds float32 values into a half or bfloat16 tensor of as many elements.</summary>
    public static void Narrow(ReadOnlySpan<float> source, Tensor target)
    {
        if (target.DType == DType.Half)
        {
            FloatConvert.FromFloat(source, target.Span<Half>());
        }
        else
        {
            FloatConvert.FromFloat(source, target.Span<BFloat16>());
        }
    }
}
