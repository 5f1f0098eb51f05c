using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Array;

/// <summary><see cref="StridedSliceSpec"/> where sizes and entries may be unknown. What that one refuses gives nothing here.</summary>
internal sealed class PartialStridedSlice
{
    private PartialStridedSlice(long?[] begin, long?[] stride, long[] size, PartialShape finalShape)
    {
        Begin = begin;
        Stride = stride;
        Size = size;
        FinalShape = finalShape;
    }

    /// <summary>First index along each input dimension, counted from the front.</summary>
    public long?[] Begin { get; }

    public long?[] Stride { get; }

    /// <summary>Indices taken along each input dimension; -1: not known.</summary>
    public long[] Size { get; }

    public PartialShape FinalShape { get; }

    public static PartialStridedSlice? Make(
        PartialShape input, PartialIntegers? begin, PartialIntegers? end, PartialIntegers? strides, StridedSliceSpec.Masks masks)
    {
        if (!input.HasRank || (begin ?? end ?? strides) is not { IsScalar: false, Elements.Count: < 32 and var count }
            || (begin ?? PartialIntegers.Vector(new long?[count])).Elements.Count != count
            || (end ?? PartialIntegers.Vector(new long?[count])).Elements.Count != count
            || (strides ?? PartialIntegers.Vector(new long?[count])).Elements.Count != count)
        {
            return null;
        }

        int rank = input.Rank;
        var from = new long?[rank];
        var step = new long?[rank];
        long[] size = [.. input.Dimensions!];
        System.Array.Fill(from, 0);
        System.Array.Fill(step, 1);
        var final = new List<long>();
        int dimension = 0;
        int ellipsis = -1;
        int newAxesAfterEllipsis = 0;
        for (int i = 0; i < count; i++)
        {
            if (IsSet(masks.Ellipsis, i))
            {
                if (ellipsis >= 0)
                {
                    return null;
                }

                ellipsis = i;
            }
            else if (ellipsis >= 0 && IsSet(masks.NewAxis, i))
            {
                newAxesAfterEllipsis++;
            }
        }

        for (int i = 0; i < count; i++)
        {
            if (i == ellipsis)
            {
                int next = System.Math.Min(rank - (count - i) + 1 + newAxesAfterEllipsis, rank);
                for (; dimension < next; dimension++)
                {
                    final.Add(input[dimension]);
                }
            }
            else if (IsSet(masks.NewAxis, i))
            {
                final.Add(1);
            }
            else if (dimension == rank)
            {
                return null;
            }
            else
            {
                long? first = begin?.Elements[i];
                step[dimension] = strides?.Elements[i];
                if (step[dimension] == 0 || (step[dimension] < 0 && IsSet(masks.ShrinkAxis, i)))
                {
                    return null;
                }

                if (IsSet(masks.ShrinkAxis, i))
                {
                    long extent = input[dimension];
                    from[dimension] = first is null || (first < 0 && extent < 0) ? null : first < 0 ? first + extent : first;
                    size[dimension] = 1;
                }
                else
                {
                    (from[dimension], size[dimension]) = Range(
                        input[dimension], IsSet(masks.Begin, i), first, IsSet(masks.End, i), end?.Elements[i], step[dimension]);
                    final.Add(size[dimension]);
                }

                dimension++;
            }
        }

        for (; dimension < rank; dimension++)
        {
            final.Add(input[dimension]);
        }

        return new PartialStridedSlice(from, step, size, new PartialShape([.. final]));
    }

    private static bool IsSet(long mask, int bit) => (mask >> bit & 1) != 0;

    private static (long? From, long Size) Range(long extent, bool isBeginMasked, long? begin, bool isEndMasked, long? end, long? stride)
    {
        if (stride is null)
        {
            return (null, -1);
        }

        if (isBeginMasked && isEndMasked && stride is 1 or -1)
        {
            return (stride == 1 ? 0 : extent < 0 ? null : extent - 1, extent);
        }

        if (extent < 0)
        {
            return (null, -1);
        }

        long low = stride > 0 ? 0 : -1;
        long high = stride > 0 ? extent : extent - 1;
        long? from = isBeginMasked ? (stride > 0 ? low : high) : Clamp(begin, extent, low, high);
        long? to = isEndMasked ? (stride > 0 ? high : low) : Clamp(end, extent, low, high);
        if (from is null || to is null)
        {
            return (from, -1);
        }

        long length = to.Value - from.Value;
        return (from, length == 0 || length < 0 != stride < 0 ? 0 : (length / stride.Value) + (length % stride.Value != 0 ? 1 : 0));
    }

    private static long? Clamp(long? index, long extent, long low, long high) =>
        index is null ? null : System.Math.Min(System.Math.Max(index.Value < 0 ? extent + index.Value : index.Value, low), high);
}
