using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>
/// How two operands walk over their broadcast shape: dimensions of size 1 dropped, neighbours that behave alike merged; an odometer
/// over all but the innermost one. Strides in elements; 0: the operand repeats.
/// </summary>
internal ref struct BroadcastPlan
{
    private readonly Span<Dimension> _dimensions;
    private readonly int _rank;

    /// <param name="storage">At least as many as <paramref name="result"/> has dimensions; the plan lives in it.</param>
    /// <param name="a">Shape of the left operand.</param>
    /// <param name="b">Shape of the right operand.</param>
    /// <param name="result">Their broadcast shape, not empty.</param>
    public BroadcastPlan(Span<Dimension> storage, in Shape a, in Shape b, in Shape result)
    {
        // From the innermost (index 0) outwards.
        int rank = 0;
        long aElements = 1;
        long bElements = 1;
        for (int back = 1; back <= result.Rank; back++)
        {
            long size = result[result.Rank - back];
            bool hasA = back <= a.Rank && a[a.Rank - back] != 1;
            bool hasB = back <= b.Rank && b[b.Rank - back] != 1;
            if (size == 1)
            {
                continue;
            }

            if (rank > 0 && storage[rank - 1].AStride > 0 == hasA && storage[rank - 1].BStride > 0 == hasB)
            {
                storage[rank - 1].Size *= size;
            }
            else
            {
                storage[rank++] = new Dimension { Size = size, AStride = hasA ? aElements : 0, BStride = hasB ? bElements : 0 };
            }

            aElements *= hasA ? size : 1;
            bElements *= hasB ? size : 1;
        }

        if (rank == 0 && storage.Length > 0)
        {
            storage[rank++] = new Dimension { Size = 1 };
        }

        _dimensions = storage;
        _rank = rank;
    }

    /// <summary>Merged dimensions.</summary>
    public readonly int Rank => _rank;

    /// <summary>The innermost dimension; its strides are 0 or 1.</summary>
    public readonly Dimension Inner => _rank == 0 ? new Dimension { Size = 1 } : _dimensions[0];

    /// <summary>The dimension around the innermost one; only when there is one.</summary>
    public readonly Dimension Outer => _dimensions[1];

    /// <summary>First element of the current row in the left operand.</summary>
    public long AOffset { get; private set; }

    /// <summary>First element of the current row in the right operand.</summary>
    public long BOffset { get; private set; }

    /// <summary>The next row; false after the last.</summary>
    public bool MoveNext()
    {
        for (int i = 1; i < _rank; i++)
        {
            ref Dimension dimension = ref _dimensions[i];
            AOffset += dimension.AStride;
            BOffset += dimension.BStride;
            if (++dimension.Index < dimension.Size)
            {
                return true;
            }

            AOffset -= dimension.AStride * dimension.Size;
            BOffset -= dimension.BStride * dimension.Size;
            dimension.Index = 0;
        }

        return false;
    }

    /// <summary>One merged dimension.</summary>
    internal struct Dimension
    {
        public long Size;
        public long AStride;
        public long BStride;
        public long Index;
    }
}
