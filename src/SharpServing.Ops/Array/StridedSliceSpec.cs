using SharpServing.Ops.Support;
using SharpServing.Runtime.Attributes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>
/// begin, end, strides and the five masks of StridedSlice worked out for one input shape. Order of precedence: ellipsis, new axis, shrink.
/// Source: tensorflow/core/util/strided_slice_op.cc.
/// </summary>
internal sealed class StridedSliceSpec
{
    private StridedSliceSpec(long[] begin, long[] stride, long[] size, Shape finalShape)
    {
        Begin = begin;
        Stride = stride;
        Size = size;
        FinalShape = finalShape;
    }

    /// <summary>First index along each input dimension.</summary>
    public long[] Begin { get; }

    public long[] Stride { get; }

    /// <summary>Indices taken along each input dimension.</summary>
    public long[] Size { get; }

    /// <summary>Shape of the answer: sizes with shrunk dimensions left out and new ones put in.</summary>
    public Shape FinalShape { get; }

    /// <exception cref="StatusException">INVALID_ARGUMENT with TensorFlow's text.</exception>
    public static StridedSliceSpec Make(in Shape input, Tensor begin, Tensor end, Tensor strides, Masks masks)
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

        long[] denseBegin = new long[rank];
        long[] denseEnd = new long[rank];
        long[] denseStride = new long[rank];
        bool[] beginMasked = new bool[rank];
        bool[] endMasked = new bool[rank];
        bool[] shrink = new bool[rank];
        System.Array.Fill(denseStride, 1);
        System.Array.Fill(beginMasked, true);
        System.Array.Fill(endMasked, true);

        // Entries of the final shape: a dimension of the input, or -1 for a new axis.
        var final = new List<int>();
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
                    final.Add(dimension);
                }
            }
            else if ((masks.NewAxis >> i & 1) != 0)
            {
                final.Add(-1);
            }
            else
            {
                if (dimension == rank)
                {
                    throw StatusException.InvalidArgument(rank == 0
                        ? "Attempting to slice scalar input."
                        : $"Index out of range using input dim {dimension}; input has only {rank} dims");
                }

                denseBegin[dimension] = IndexInput.At(begin, i);
                denseEnd[dimension] = IndexInput.At(end, i);
                denseStride[dimension] = IndexInput.At(strides, i);
                beginMasked[dimension] = (masks.Begin >> i & 1) != 0;
                endMasked[dimension] = (masks.End >> i & 1) != 0;
                if ((masks.ShrinkAxis >> i & 1) != 0)
                {
                    shrink[dimension] = true;
                }
                else
                {
                    final.Add(dimension);
                }

                dimension++;
            }
        }

        long[] size = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            long extent = input[i];
            long stride = denseStride[i];
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

                long at = denseBegin[i] < 0 ? extent + denseBegin[i] : denseBegin[i];
                if (at < 0 || at >= extent)
                {
                    throw StatusException.InvalidArgument($"slice index {at} of dimension {i} out of bounds.");
                }

                denseBegin[i] = at;
                denseStride[i] = 1;
                size[i] = 1;
                continue;
            }

            long low = stride > 0 ? 0 : -1;
            long high = stride > 0 ? extent : extent - 1;
            long from = beginMasked[i] ? (stride > 0 ? low : high) : Clamp(denseBegin[i], extent, low, high);
            long to = endMasked[i] ? (stride > 0 ? high : low) : Clamp(denseEnd[i], extent, low, high);
            long length = to - from;
            size[i] = length == 0 || length < 0 != stride < 0 ? 0 : (length / stride) + (length % stride != 0 ? 1 : 0);
            denseBegin[i] = from;
        }

        Span<long> shape = stackalloc long[final.Count];
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = final[i] < 0 ? 1 : size[final[i]];
        }

        return new StridedSliceSpec(denseBegin, denseStride, size, new Shape(shape));
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
