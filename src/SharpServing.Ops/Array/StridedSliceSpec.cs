using SharpServing.Ops.Support;
using SharpServing.Runtime.Attributes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>
/// begin, end, strides and the five masks of StridedSlice worked out for one input shape. Order of precedence: ellipsis, new axis, shrink.
/// Source: tensorflow/core/util/strided_slice_op.cc.
/// </summary>
internal static class StridedSliceSpec
{
    /// <param name="from">Receives the first index along each input dimension.</param>
    /// <param name="step">Receives the stride along each input dimension.</param>
    /// <param name="size">Receives the number of indices taken along each input dimension.</param>
    /// <returns>Shape of the answer: sizes with shrunk dimensions left out and new ones put in.</returns>
    /// <exception cref="StatusException">INVALID_ARGUMENT with TensorFlow's text.</exception>
    public static Shape Make(
        in Shape input, Tensor begin, Tensor end, Tensor strides, Masks masks, Span<long> from, Span<long> step, Span<long> size)
    {
        if (begin.Rank != 1 || end.Rank != 1 || strides.Rank != 1 || begin.ElementCount != end.ElementCount || begin.ElementCount != strides.ElementCount || begin.ElementCount >= 32)
        {
            throw StatusException.InvalidArgument(
                $"Expected begin, end, and strides to be 1D equal size tensors, but got shapes {begin.Shape}, {end.Shape}, and {strides.Shape} instead.");
        }

        int count = (int)begin.ElementCount;
        int rank = input.Rank;
        bool ellipsisSeen = false;
        int newAxesAfterEllipsis = 0;
        for (int i = 0; i < count; i++)
        {
            bool isEllipsis = (masks.Ellipsis >> i & 1) != 0;
            if (ellipsisSeen && isEllipsis)
            {
                throw StatusException.InvalidArgument("Multiple ellipses in slice spec not allowed");
            }

            if (ellipsisSeen && (masks.NewAxis >> i & 1) != 0)
            {
                newAxesAfterEllipsis++;
            }

            ellipsisSeen |= isEllipsis;
        }

        Span<long> denseEnd = stackalloc long[rank];
        Span<bool> beginMasked = stackalloc bool[rank];
        Span<bool> endMasked = stackalloc bool[rank];
        Span<bool> shrink = stackalloc bool[rank];
        from.Clear();
        denseEnd.Clear();
        shrink.Clear();
        step.Fill(1);
        beginMasked.Fill(true);
        endMasked.Fill(true);

        // Entries of the final shape: a dimension of the input, or -1 for a new axis.
        Span<int> final = stackalloc int[rank + count];
        int finalCount = 0;
        int dimension = 0;
        int specs = ellipsisSeen ? count : count + 1;
        for (int i = 0; i < specs; i++)
        {
            if (i == count || (masks.Ellipsis >> i & 1) != 0)
            {
                int next = System.Math.Min(rank - (count - i) + 1 + newAxesAfterEllipsis, rank);
                next = i == count ? rank : next;
                for (; dimension < next; dimension++)
                {
                    final[finalCount++] = dimension;
                }
            }
            else if ((masks.NewAxis >> i & 1) != 0)
            {
                final[finalCount++] = -1;
            }
            else
            {
                if (dimension == rank)
                {
                    throw StatusException.InvalidArgument(rank == 0
                        ? "Attempting to slice scalar input."
                        : $"Index out of range using input dim {dimension}; input has only {rank} dims");
                }

                from[dimension] = IndexInput.At(begin, i);
                denseEnd[dimension] = IndexInput.At(end, i);
                step[dimension] = IndexInput.At(strides, i);
                beginMasked[dimension] = (masks.Begin >> i & 1) != 0;
                endMasked[dimension] = (masks.End >> i & 1) != 0;
                if ((masks.ShrinkAxis >> i & 1) != 0)
                {
                    shrink[dimension] = true;
                }
                else
                {
                    final[finalCount++] = dimension;
                }

                dimension++;
            }
        }

        for (int i = 0; i < rank; i++)
        {
            long extent = input[i];
            long stride = step[i];
            if (stride == 0)
            {
                throw StatusException.InvalidArgument($"strides[{i}] must be non-zero");
            }

            if (shrink[i])
            {
                if (stride <= 0)
                {
                    throw StatusException.InvalidArgument("only stride 1 allowed on non-range indexing.");
                }

                long at = from[i] < 0 ? extent + from[i] : from[i];
                if (at < 0 || at >= extent)
                {
                    throw StatusException.InvalidArgument($"slice index {at} of dimension {i} out of bounds.");
                }

                from[i] = at;
                step[i] = 1;
                size[i] = 1;
                continue;
            }

            long low = stride > 0 ? 0 : -1;
            long high = stride > 0 ? extent : extent - 1;
            long first = beginMasked[i] ? (stride > 0 ? low : high) : Clamp(from[i], extent, low, high);
            long to = endMasked[i] ? (stride > 0 ? high : low) : Clamp(denseEnd[i], extent, low, high);
            long length = to - first;
            size[i] = length == 0 || length < 0 != stride < 0 ? 0 : (length / stride) + (length % stride != 0 ? 1 : 0);
            from[i] = first;
        }

        Span<long> shape = stackalloc long[finalCount];
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = final[i] < 0 ? 1 : size[final[i]];
        }

        return new Shape(shape);
    }

    private static long Clamp(long index, long extent, long low, long high)
    {
        long forward = index < 0 ? extent + index : index;
        return forward < low ? low : forward > high ? high : forward;
    }

    /// <summary>The mask attributes; bit i is for entry i of begin, end and strides.</summary>
    internal readonly record struct Masks(long Begin, long End, long Ellipsis, long NewAxis, long ShrinkAxis)
    {
        public static Masks From(AttributeMap attributes) =>
            new(
                attributes.Int("begin_mask"),
                attributes.Int("end_mask"),
                attributes.Int("ellipsis_mask"),
                attributes.Int("new_axis_mask"),
                attributes.Int("shrink_axis_mask"));
    }
}
