using SharpServing.Kernels;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Linalg;

/// <summary>Constant right sides of matrix products, packed once and shared by all plans of a session.</summary>
internal static unsafe class PackedWeights
{
    /// <summary>Below this a matrix is not worth packing. Unit: elements.</summary>
    private const long MinElements = 64;

    /// <returns><see langword="null"/>: the input is not a constant float32 matrix worth packing.</returns>
    public static PackedMatrix? TryTake(KernelBuilder builder, int input, bool transposed)
    {
        if (builder.ConstantInput(input) is not { DType: DType.Float, Rank: 2 } weights || weights.ElementCount < MinElements)
        {
            return null;
        }

        builder.DropInput(input);
        int k = (int)weights.Shape[transposed ? 1 : 0];
        int n = (int)weights.Shape[transposed ? 0 : 1];
        return builder.Session.Share(weights, transposed ? "gemm_t" : "gemm", () =>
            PackedMatrix.Pack((float*)weights.Data, k, n, weights.Shape[1], transposed));
    }
}
