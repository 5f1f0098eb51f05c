using SharpServing.Ops.Array;
using SharpServing.Tensors;

namespace SharpServing.Ops.Nn;

/// <summary>Between channels first and channels last. Kernels know channels last only.</summary>
internal static class Layout
{
    /// <summary>[n, c, h, w] → [n, h, w, c]; one reference for the caller.</summary>
    public static Tensor ToChannelsLast(Tensor input) => TransposeOps.Permute(input, [0, 2, 3, 1]);

    /// <summary>[n, h, w, c] → [n, c, h, w]; one reference for the caller.</summary>
    public static Tensor ToChannelsFirst(Tensor input) => TransposeOps.Permute(input, [0, 3, 1, 2]);
}
