using SharpServing.Kernels;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Linalg;

/// <summary>[m, k] · packed [k, n].</summary>
/// <param name="weightShape">As the graph has the weights, transposed or not: what errors name.</param>
internal sealed unsafe class PackedMatMulKernel(PackedMatrix weights, Shape weightShape, bool transposeA) : OpKernel
{
    public override void Compute(OpContext context)
    {
        Tensor a = context.Input(0);
        CheckOperand(a, weightShape, weights.Rows, transposeA);
        long m = a.Shape[transposeA ? 1 : 0];
        Tensor c = context.Allocate(0, new Shape(m, weights.Columns));
        if (c.ElementCount > 0)
        {
            Gemm.Run((float*)a.Data, a.Shape[1], transposeA, (int)m, weights, (float*)c.Data, weights.Columns);
        }
    }

    /// <param name="a">The left side.</param>
    /// <param name="weightShape">The right side's shape as the graph has it.</param>
    /// <param name="inner">What the left side's rows must have, its columns if transposed.</param>
    /// <param name="transposeA">The left side is transposed.</param>
    /// <exception cref="StatusException">INVALID_ARGUMENT: the sides do not fit.</exception>
    public static void CheckOperand(Tensor a, in Shape weightShape, long inner, bool transposeA)
    {
        MatMulOps.CheckMatrices(a.Shape, weightShape);
        if (a.Shape[transposeA ? 0 : 1] != inner)
        {
            throw MatMulOps.SizeMismatch(a.Shape, weightShape);
        }
    }
}

/// <summary>[..., m, k] · packed [k, n]: the batch dimensions count as rows.</summary>
internal sealed unsafe class PackedBatchMatMulKernel(PackedMatrix weights, Shape weightShape) : OpKernel
{
    public override void Compute(OpContext context)
    {
        Tensor a = context.Input(0);
        if (a.Rank < 2)
        {
            throw StatusException.InvalidArgument($"In[0] ndims must be >= 2: {a.Rank}");
        }

        if (a.Shape[-1] != weights.Rows)
        {
            throw MatMulOps.SizeMismatch(a.Shape, weightShape);
        }

        Shape shape = a.Shape.WithDimension(a.Rank - 1, weights.Columns);
        Tensor c = context.Allocate(0, shape);
        if (c.ElementCount > 0)
        {
            long rows = shape.CountOf(0, shape.Rank - 1);
            Gemm.Run((float*)a.Data, weights.Rows, false, (int)rows, weights, (float*)c.Data, weights.Columns);
        }
    }
}
