using SharpServing.Tensors;

namespace SharpServing.SavedModel;

/// <summary>Copies the common part of two slices of one tensor.</summary>
internal static class SliceCopy
{
    /// <param name="full">Shape of the whole tensor that both slices are parts of.</param>
    /// <param name="source">Elements of <paramref name="sourceSlice"/>, row-major.</param>
    /// <param name="target">Elements of <paramref name="targetSlice"/>, row-major.</param>
    /// <param name="elementBytes">Bytes of one element.</param>
    public static unsafe void Copy(
        in Shape full, TensorSlice sourceSlice, byte* source, TensorSlice targetSlice, byte* target, int elementBytes)
    {
        int rank = full.Rank;
        if (rank == 0)
        {
            Buffer.MemoryCopy(source, target, elementBytes, elementBytes);
            return;
        }

        Span<long> starts = stackalloc long[rank];
        Span<long> lengths = stackalloc long[rank];
        if (!sourceSlice.TryIntersect(targetSlice, full, starts, lengths))
        {
            return;
        }

        Span<long> index = stackalloc long[rank];
        index.Clear();
        long rowBytes = lengths[rank - 1] * elementBytes;
        while (true)
        {
            long sourceAt = 0;
            long targetAt = 0;
            for (int d = 0; d < rank; d++)
            {
                long at = starts[d] + index[d];
                sourceAt = (sourceAt * sourceSlice.LengthIn(d, full)) + at - sourceSlice.StartIn(d);
                targetAt = (targetAt * targetSlice.LengthIn(d, full)) + at - targetSlice.StartIn(d);
            }

            Buffer.MemoryCopy(source + (sourceAt * elementBytes), target + (targetAt * elementBytes), rowBytes, rowBytes);
            int dimension = rank - 2;
            while (dimension >= 0 && ++index[dimension] == lengths[dimension])
            {
                index[dimension--] = 0;
            }

            if (dimension < 0)
            {
                return;
            }
        }
    }
}
