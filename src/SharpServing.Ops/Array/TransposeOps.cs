using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>Transpose.</summary>
internal static unsafe class TransposeOps
{
    public static void Register(OpRegistry registry) => registry.Add("Transpose", FillShapes.Transpose, Transpose);

    private static void Transpose(OpContext context)
    {
        Tensor input = context.Input(0);
        Tensor permutation = context.Input(1);
        int rank = input.Rank;
        if (permutation.Rank != 1)
        {
            throw StatusException.InvalidArgument($"perm must be rank 1, got shape {permutation.Shape}");
        }

        if (permutation.ElementCount != rank)
        {
            throw StatusException.InvalidArgument(
                $"transpose expects a vector of size {rank}. But input(1) is a vector of size {permutation.ElementCount}");
        }

        Span<int> perm = stackalloc int[rank];
        Span<bool> seen = stackalloc bool[rank];
        seen.Clear();
        bool identity = true;
        for (int i = 0; i < rank; i++)
        {
            long given = IndexInput.At(permutation, i);
            long d = given < 0 ? given + rank : given;
            if (d < 0 || d >= rank)
            {
                throw StatusException.InvalidArgument($"{given} is out of range [0 .. {rank})");
            }

            perm[i] = (int)d;
            seen[(int)d] = true;
            identity &= d == i;
        }

        int missing = seen.IndexOf(false);
        if (missing >= 0)
        {
            throw StatusException.InvalidArgument($"{missing} is missing from {{{string.Join(',', perm.ToArray())}}}.");
        }

        if (identity)
        {
            context.Forward(0, 0);
            return;
        }

        context.SetOutput(0, Permute(input, perm));
    }

    /// <summary>result[i…] = input[indices permuted]: dimension d of the result is dimension perm[d] of the input.</summary>
    public static Tensor Permute(Tensor input, ReadOnlySpan<int> perm)
    {
        int rank = input.Rank;
        Span<long> sizes = stackalloc long[rank];
        Span<long> pitch = stackalloc long[rank];
        Span<long> inputPitch = stackalloc long[rank];
        long elements = 1;
        for (int i = rank - 1; i >= 0; i--)
        {
            inputPitch[i] = elements;
            elements *= input.Shape[i];
        }

        for (int i = 0; i < rank; i++)
        {
            sizes[i] = input.Shape[perm[i]];
            pitch[i] = inputPitch[perm[i]];
        }

        var shape = new Shape(sizes);
        if (elements == 0 || !MovesData(input.Shape, perm))
        {
            return input.View(shape);
        }

        if (input.DType.IsPlain())
        {
            Tensor result = Tensor.Allocate(input.DType, shape);
            TransposeKernel.Run(input.Data, result.Data, input.Shape.Dimensions, perm, input.DType.SizeOf());
            return result;
        }

        var writer = new ElementWriter(input.DType, shape);
        Span<long> index = stackalloc long[rank];
        index.Clear();
        long offset = 0;
        while (true)
        {
            writer.Write(input, offset, 1);
            int i = rank - 1;
            for (; i >= 0; i--)
            {
                offset += pitch[i];
                if (++index[i] < sizes[i])
                {
                    break;
                }

                offset -= sizes[i] * pitch[i];
                index[i] = 0;
            }

            if (i < 0)
            {
                return writer.Finish();
            }
        }
    }

    /// <summary>False when only dimensions of size 1 change places.</summary>
    private static bool MovesData(in Shape shape, ReadOnlySpan<int> perm)
    {
        int last = -1;
        foreach (int d in perm)
        {
            if (shape[d] == 1)
            {
                continue;
            }

            if (d < last)
            {
                return true;
            }

            last = d;
        }

        return false;
    }
}
