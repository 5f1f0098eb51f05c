using System.Numerics;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>Index of the largest or smallest element along an axis: the first of equals; NaN never wins.</summary>
internal sealed class ArgKernel<T>(bool max) : OpKernel
    where T : unmanaged, INumber<T>
{
    public override void Compute(OpContext context)
    {
        Tensor input = context.Input(0);
        Tensor axisInput = context.Input(1);
        if (axisInput.Rank != 0)
        {
            throw StatusException.InvalidArgument($"dim must be a scalar, but received tensor of shape: {axisInput.Shape}");
        }

        long given = IndexInput.Scalar(axisInput);
        long axis = given < 0 ? given + input.Rank : given;
        if (axis < 0 || axis >= input.Rank)
        {
            throw StatusException.InvalidArgument($"Expected dimension in the range [{-input.Rank}, {input.Rank}), but got {given}");
        }

        long size = input.Shape[(int)axis];
        if (size == 0)
        {
            throw StatusException.InvalidArgument($"Reduction axis {given} is empty in shape {input.Shape}");
        }

        if (input.Rank > 7)
        {
            throw StatusException.InvalidArgument(
                $"Argmax and Argmin only support up to 7 input dimensions, but got {input.Rank}. Inputs shape: {input.Shape}");
        }

        long outer = input.Shape.CountOf(0, (int)axis);
        long inner = input.Shape.CountOf((int)axis + 1, input.Rank);
        Span<long> sizes = stackalloc long[input.Rank - 1];
        input.Shape.Dimensions[..(int)axis].CopyTo(sizes);
        input.Shape.Dimensions[((int)axis + 1)..].CopyTo(sizes[(int)axis..]);
        Tensor wide = input.DType is DType.Half or DType.BFloat16 ? BFloat16Bridge.Widen(input) : input.AddRef();
        ReadOnlySpan<T> values = wide.Span<T>();
        long[] found = new long[outer * inner];
        for (long o = 0; o < outer; o++)
        {
            for (long i = 0; i < inner; i++)
            {
                long start = (o * size * inner) + i;
                long best = 0;
                T bestValue = values[(int)start];
                for (long n = 1; n < size; n++)
                {
                    T value = values[(int)(start + (n * inner))];
                    if ((max ? value > bestValue : value < bestValue) || (T.IsNaN(bestValue) && !T.IsNaN(value)))
                    {
                        best = n;
                        bestValue = value;
                    }
                }

                found[(o * inner) + i] = best;
            }
        }

        wide.Release();
        var shape = new Shape(sizes);
        if (context.OutputType(0) is DType.Int32 or DType.Int64)
        {
            context.SetOutput(0, IndexInput.Make(context.OutputType(0), found, shape));
            return;
        }

        Tensor result = context.Allocate(0, shape);
        for (int i = 0; i < found.Length; i++)
        {
            result.Span<short>()[i] = unchecked((short)found[i]);
        }
    }
}
