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
        Span<float> target = wide.Span<float>();
        if (input.DType == DType.Half)
        {
            ReadOnlySpan<Half> source = input.Span<Half>();
            System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(source, target);
        }
        else
        {
            ReadOnlySpan<BFloat16> source = input.Span<BFloat16>();
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = (float)source[i];
            }
        }

        return wide;
    }

    /// <summary>Rounds float32 values into a half or bfloat16 tensor of as many elements.</summary>
    public static void Narrow(ReadOnlySpan<float> source, Tensor target)
    {
        if (target.DType == DType.Half)
        {
            System.Numerics.Tensors.TensorPrimitives.ConvertToHalf(source, target.Span<Half>());
            return;
        }

        Span<BFloat16> narrow = target.Span<BFloat16>();
        for (int i = 0; i < narrow.Length; i++)
        {
            narrow[i] = (BFloat16)source[i];
        }
    }
}
