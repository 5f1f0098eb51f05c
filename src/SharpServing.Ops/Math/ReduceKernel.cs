using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>Reduces over any set of axes with an associative operator: first to [outer, reduce, inner] form, by a transpose where axes alternate.</summary>
internal sealed unsafe class ReduceKernel<TOp, T> : OpKernel
    where TOp : struct, IBinaryOperator<T>
    where T : unmanaged
{
    private readonly T _identity;
    private readonly bool _isMean;
    private readonly bool _keepDims;

    /// <param name="builder">The node.</param>
    /// <param name="identity">Answer where there is nothing to combine.</param>
    /// <param name="isMean">The sum is divided by the number of its terms.</param>
    public ReduceKernel(KernelBuilder builder, T identity, bool isMean = false)
    {
        _identity = identity;
        _isMean = isMean;
        _keepDims = builder.Attributes.Bool("keep_dims");
    }

    public override void Compute(OpContext context)
    {
        Tensor input = context.Input(0);
        bool narrow = input.DType is DType.Half or DType.BFloat16;
        Span<bool> reduced = stackalloc bool[input.Rank];
        ReductionAxes axes = ReductionAxes.Read(input, context.Input(1), _keepDims, reduced);
        if (!reduced.Contains(true))
        {
            context.ForwardReshaped(0, 0, axes.Result);
            return;
        }

        Tensor source = narrow ? BFloat16Bridge.Widen(input) : input.AddRef();
        Tensor ordered = ReductionAxes.Arrange(source, reduced, out long outer, out long count, out long inner);
        source.Release();
        Tensor target = narrow ? Tensor.Allocate(DType.Float, axes.Result) : context.Allocate(0, axes.Result);
        Reduction.Run<TOp, T>((T*)ordered.Data, (T*)target.Data, outer, count, inner, _identity);
        ordered.Release();
        if (_isMean)
        {
            if (narrow && input.DType == DType.Half)
            {
                // The sum is a half before it is divided: large ones are infinite.
                RoundToHalf(target.Span<float>());
            }

            MeanDivision.Apply(target, count);
        }

        if (narrow)
        {
            BFloat16Bridge.Narrow(target.Span<float>(), context.Allocate(0, axes.Result));
            target.Release();
        }
    }

    private static void RoundToHalf(Span<float> values)
    {
        foreach (ref float value in values)
        {
            value = (float)(Half)value;
        }
    }
}
