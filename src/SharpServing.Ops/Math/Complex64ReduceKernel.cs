using System.Numerics;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>Reductions of complex64, in double precision.</summary>
internal sealed class Complex64ReduceKernel(KernelBuilder builder, ReductionKind kind) : OpKernel
{
    private readonly bool _keepDims = builder.Attributes.Bool("keep_dims");

    public override void Compute(OpContext context)
    {
        Tensor input = context.Input(0);
        Span<bool> reduced = stackalloc bool[input.Rank];
        ReductionAxes axes = ReductionAxes.Read(input, context.Input(1), _keepDims, reduced);
        if (kind is not (ReductionKind.Sum or ReductionKind.Mean or ReductionKind.Prod))
        {
            throw StatusException.Unimplemented("This reduction has no kernel for complex64");
        }

        var sums = new Complex[axes.Result.ElementCount];
        System.Array.Fill(sums, kind == ReductionKind.Prod ? Complex.One : Complex.Zero);
        ReadOnlySpan<Complex64> source = input.Span<Complex64>();
        for (int i = 0; i < source.Length; i++)
        {
            long flat = i;
            long target = 0;
            long pitch = 1;
            for (int d = input.Rank - 1; d >= 0; d--)
            {
                long at = flat % input.Shape[d];
                flat /= input.Shape[d];
                if (!reduced[d])
                {
                    target += at * pitch;
                    pitch *= input.Shape[d];
                }
            }

            sums[target] = kind == ReductionKind.Prod ? sums[target] * (Complex)source[i] : sums[target] + (Complex)source[i];
        }

        double count = sums.Length == 0 ? 1 : System.Math.Max(1, source.Length / (double)sums.Length);
        Span<Complex64> result = context.Allocate(0, axes.Result).Span<Complex64>();
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = (Complex64)(kind == ReductionKind.Mean ? sums[i] / count : sums[i]);
        }
    }
}
