using SharpServing.Ops.Array;
using SharpServing.Ops.Support;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>The axes of a reduction and the shape of its answer.</summary>
internal readonly ref struct ReductionAxes
{
    private ReductionAxes(Shape result, ReadOnlySpan<bool> reduced)
    {
        Result = result;
        Reduced = reduced;
    }

    public Shape Result { get; }

    public ReadOnlySpan<bool> Reduced { get; }

    /// <exception cref="StatusException">INVALID_ARGUMENT with TensorFlow's text.</exception>
    public static ReductionAxes Read(Tensor input, Tensor axes, bool keepDims, Span<bool> reduced)
    {
        // Axes of any rank are read flat.
        reduced.Clear();
        for (long i = 0; i < axes.ElementCount; i++)
        {
            long given = IndexInput.At(axes, i);
            if (given < -input.Rank || given >= input.Rank)
            {
                throw StatusException.InvalidArgument($"Invalid reduction dimension ({given} for input with {input.Rank} dimension(s)");
            }

            int axis = (int)(given < 0 ? given + input.Rank : given);
            if (reduced[axis])
            {
                throw StatusException.InvalidArgument($"Invalid reduction arguments: Axes contains duplicate dimension: {axis}");
            }

            reduced[axis] = true;
        }

        Span<long> sizes = stackalloc long[input.Rank];
        int rank = 0;
        for (int i = 0; i < input.Rank; i++)
        {
            if (!reduced[i])
            {
                sizes[rank++] = input.Shape[i];
            }
            else if (keepDims)
            {
                sizes[rank++] = 1;
            }
        }

        return new ReductionAxes(new Shape(sizes[..rank]), reduced);
    }

    /// <summary>One reference to the input, transposed where that brings the reduced axes together.</summary>
    public static Tensor Arrange(Tensor input, ReadOnlySpan<bool> reduced, out long outer, out long count, out long inner)
    {
        int rank = input.Rank;
        int first = reduced.IndexOf(true);
        int last = reduced.LastIndexOf(true);
        bool together = !reduced[first..(last + 1)].Contains(false);
        outer = count = inner = 1;
        if (together)
        {
            outer = input.Shape.CountOf(0, first);
            count = input.Shape.CountOf(first, last + 1);
            inner = input.Shape.CountOf(last + 1, rank);
            return input.AddRef();
        }

        Span<int> perm = stackalloc int[rank];
        int at = 0;
        for (int i = 0; i < rank; i++)
        {
            if (!reduced[i])
            {
                perm[at++] = i;
                outer *= input.Shape[i];
            }
        }

        for (int i = 0; i < rank; i++)
        {
            if (reduced[i])
            {
                perm[at++] = i;
                count *= input.Shape[i];
            }
        }

        return TransposeOps.Permute(input, perm);
    }
}
