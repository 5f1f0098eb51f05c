using System.Numerics;
using System.Numerics.Tensors;
using SharpServing.Kernels;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;
using Tensor = SharpServing.Tensors.Tensor;

namespace SharpServing.Ops.Math;

/// <summary>Mean of integers narrower than 64 bits: the sum does not wrap.</summary>
internal sealed unsafe class NarrowIntegerMeanKernel<T>(KernelBuilder builder) : OpKernel
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly bool _keepDims = builder.Attributes.Bool("keep_dims");

    public override void Compute(OpContext context)
    {
        Tensor input = context.Input(0);
        Span<bool> reduced = stackalloc bool[input.Rank];
        ReductionAxes axes = ReductionAxes.Read(input, context.Input(1), _keepDims, reduced);
        if (!reduced.Contains(true))
        {
            context.ForwardReshaped(0, 0, axes.Result);
            return;
        }

        Tensor wide = Tensor.Allocate(DType.Int64, input.Shape);
        TensorPrimitives.ConvertTruncating<T, long>(input.Span<T>(), wide.Span<long>());
        Tensor ordered = ReductionAxes.Arrange(wide, reduced, out long outer, out long count, out long inner);
        wide.Release();
        Tensor sums = Tensor.Allocate(DType.Int64, axes.Result);
        Reduction.Run<AddOperator<long>, long>((long*)ordered.Data, (long*)sums.Data, outer, count, inner, 0);
        ordered.Release();
        MeanDivision.Apply(sums, count);
        TensorPrimitives.ConvertTruncating<long, T>(sums.Span<long>(), context.Allocate(0, axes.Result).Span<T>());
        sums.Release();
    }
}
