using System.Numerics;
using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>Rows by index: target[o, i, :] = table[o, indices[i], :]. Embedding lookup is the case of one outer row.</summary>
public static unsafe class GatherKernel
{
    private const long TileBytes = 128 * 1024;

    /// <summary>Position of the first index outside 0 to <paramref name="limit"/> - 1; -1 when all are inside.</summary>
    public static long FindOutOfRange<TIndex>(ReadOnlySpan<TIndex> indices, long limit)
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        for (int i = 0; i < indices.Length; i++)
        {
            if ((ulong)long.CreateTruncating(indices[i]) >= (ulong)limit)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Copies the rows; every index has been checked with <see cref="FindOutOfRange"/>.</summary>
    /// <param name="table">[outer, rows, rowBytes].</param>
    /// <param name="outer">Outer rows (product of the dimensions before the gathered one).</param>
    /// <param name="rows">Size of the gathered dimension.</param>
    /// <param name="rowBytes">Bytes of one row (product of the dimensions behind, times the element size).</param>
    /// <param name="indices">[count].</param>
    /// <param name="count">Indices.</param>
    /// <param name="target">[outer, count, rowBytes]; no overlap.</param>
    public static void Rows<TIndex>(void* table, long outer, long rows, long rowBytes, TIndex* indices, long count, void* target)
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        var body = new Body<TIndex>
        {
            Table = (byte*)table,
            TableRows = rows,
            RowBytes = rowBytes,
            Indices = indices,
            Count = count,
            Target = (byte*)target,
        };
        WorkerPool.Current.ForRange(outer * count, Math.Max(1, TileBytes / Math.Max(64, rowBytes)), body);
    }

    private struct Body<TIndex> : IRangeBody
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        public byte* Table;
        public byte* Target;
        public TIndex* Indices;
        public long TableRows;
        public long RowBytes;
        public long Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long start, long end)
        {
            long outer = start / Count;
            long i = start - outer * Count;
            for (long row = start; row < end; row++)
            {
                long index = long.CreateTruncating(Indices[i]);
                StridedCopy.CopyRun(Table + (outer * TableRows + index) * RowBytes, Target + row * RowBytes, RowBytes);
                if (++i == Count)
                {
                    i = 0;
                    outer++;
                }
            }
        }
    }
}
