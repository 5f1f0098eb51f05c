using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SharpServing.Kernels;

/// <summary>
/// Reductions of [outer, reduce, inner] to [outer, inner] by an associative operator, in blocks (pairwise over blocks along the inner
/// dimension), so that long float sums stay accurate. Axes that are not side by side: one call per group of axes.
/// </summary>
public static unsafe class Reduction
{
    /// <summary>Elements summed straight before results are combined in pairs.</summary>
    private const long Block = 4096;

    /// <summary>Rows summed straight when the reduced dimension is not the last.</summary>
    private const long RowBlock = 128;

    private const long TileElements = 64 * 1024;

    /// <param name="source">[outer, reduce, inner].</param>
    /// <param name="target">[outer, inner].</param>
    /// <param name="outer">Product of the dimensions before.</param>
    /// <param name="reduce">Product of the reduced dimensions.</param>
    /// <param name="inner">Product of the dimensions behind.</param>
    /// <param name="identity">What an empty reduction gives (0 for a sum, 1 for a product, lowest for a maximum).</param>
    public static void Run<TOp, T>(T* source, T* target, long outer, long reduce, long inner, T identity)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        if (outer * inner == 0)
        {
            return;
        }

        if (reduce == 0)
        {
            for (long i = 0; i < outer * inner; i++)
            {
                target[i] = identity;
            }

            return;
        }

        var body = new Body<TOp, T> { Source = source, Target = target, Reduce = reduce, Inner = inner };
        WorkerPool.Current.ForRange(outer, Math.Max(1, TileElements / Math.Max(1, reduce * inner)), body);
    }

    private static bool UseVectors<TOp, T>()
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged => Vector128<T>.IsSupported && TOp.IsVectorizable;

    private static T Line<TOp, T>(T* source, long count)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        if (count > Block)
        {
            long half = count / 2 / Block * Block;
            half = half == 0 ? Block : half;
            return TOp.Invoke(Line<TOp, T>(source, half), Line<TOp, T>(source + half, count - half));
        }

        if (UseVectors<TOp, T>())
        {
            if (Simd.Level == SimdLevel.Avx512 && count >= Vector512<T>.Count)
            {
                return Line512<TOp, T>(source, (nint)count);
            }

            if (Simd.Level >= SimdLevel.Sse && count >= Vector128<T>.Count)
            {
                return Line128<TOp, T>(source, (nint)count);
            }
        }

        return LineScalar<TOp, T>(source, (nint)count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T LineScalar<TOp, T>(T* source, nint count)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        T result = source[0];
        for (nint i = 1; i < count; i++)
        {
            result = TOp.Invoke(result, source[i]);
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Line512<TOp, T>(T* source, nint count)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        nint width = Vector512<T>.Count;
        nint i = width;
        Vector512<T> a = Vector512.Load(source);
        if (count >= 4 * width)
        {
            Vector512<T> b = Vector512.Load(source + width);
            Vector512<T> c = Vector512.Load(source + 2 * width);
            Vector512<T> d = Vector512.Load(source + 3 * width);
            for (i = 4 * width; i <= count - 4 * width; i += 4 * width)
            {
                a = TOp.Invoke(a, Vector512.Load(source + i));
                b = TOp.Invoke(b, Vector512.Load(source + i + width));
                c = TOp.Invoke(c, Vector512.Load(source + i + 2 * width));
                d = TOp.Invoke(d, Vector512.Load(source + i + 3 * width));
            }

            a = TOp.Invoke(TOp.Invoke(a, b), TOp.Invoke(c, d));
        }

        for (; i <= count - width; i += width)
        {
            a = TOp.Invoke(a, Vector512.Load(source + i));
        }

        Vector256<T> half = TOp.Invoke(a.GetLower(), a.GetUpper());
        Vector128<T> quarter = TOp.Invoke(half.GetLower(), half.GetUpper());
        T result = Lanes<TOp, T>(quarter);
        for (; i < count; i++)
        {
            result = TOp.Invoke(result, source[i]);
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Line128<TOp, T>(T* source, nint count)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        nint width = Vector128<T>.Count;
        nint i = width;
        Vector128<T> a = Vector128.Load(source);
        if (count >= 4 * width)
        {
            Vector128<T> b = Vector128.Load(source + width);
            Vector128<T> c = Vector128.Load(source + 2 * width);
            Vector128<T> d = Vector128.Load(source + 3 * width);
            for (i = 4 * width; i <= count - 4 * width; i += 4 * width)
            {
                a = TOp.Invoke(a, Vector128.Load(source + i));
                b = TOp.Invoke(b, Vector128.Load(source + i + width));
                c = TOp.Invoke(c, Vector128.Load(source + i + 2 * width));
                d = TOp.Invoke(d, Vector128.Load(source + i + 3 * width));
            }

            a = TOp.Invoke(TOp.Invoke(a, b), TOp.Invoke(c, d));
        }

        for (; i <= count - width; i += width)
        {
            a = TOp.Invoke(a, Vector128.Load(source + i));
        }

        T result = Lanes<TOp, T>(a);
        for (; i < count; i++)
        {
            result = TOp.Invoke(result, source[i]);
        }

        return result;
    }

    private static T Lanes<TOp, T>(Vector128<T> lanes)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        T result = lanes.GetElement(0);
        for (int lane = 1; lane < Vector128<T>.Count; lane++)
        {
            result = TOp.Invoke(result, lanes.GetElement(lane));
        }

        return result;
    }

    /// <summary>target[j] = reduction over rows of source[row, j]; rows in blocks, so that long sums stay accurate.</summary>
    private static void Columns<TOp, T>(T* source, T* target, long rows, nint inner, nint stride)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        Unsafe.CopyBlockUnaligned(target, source, (uint)(inner * sizeof(T)));
        long first = Math.Min(rows, RowBlock);
        for (long row = 1; row < first; row++)
        {
            VectorLoop.Binary<TOp, T>(target, 1, source + (nint)row * stride, 1, target, inner);
        }

        if (first == rows)
        {
            return;
        }

        T* block = stackalloc T[ColumnBlock];
        for (long start = first; start < rows; start += RowBlock)
        {
            T* from = source + (nint)start * stride;
            Unsafe.CopyBlockUnaligned(block, from, (uint)(inner * sizeof(T)));
            long end = Math.Min(rows - start, RowBlock);
            for (long row = 1; row < end; row++)
            {
                VectorLoop.Binary<TOp, T>(block, 1, from + (nint)row * stride, 1, block, inner);
            }

            VectorLoop.Binary<TOp, T>(target, 1, block, 1, target, inner);
        }
    }

    /// <summary>Columns reduced together: sums stay in the first level cache.</summary>
    private const int ColumnBlock = 512;

    private struct Body<TOp, T> : IRangeBody
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        public T* Source;
        public T* Target;
        public long Reduce;
        public long Inner;

        public readonly void Run(long start, long end)
        {
            for (long row = start; row < end; row++)
            {
                T* source = Source + (nint)(row * Reduce * Inner);
                if (Inner == 1)
                {
                    Target[row] = Line<TOp, T>(source, Reduce);
                    continue;
                }

                for (long column = 0; column < Inner; column += ColumnBlock)
                {
                    nint count = (nint)Math.Min(ColumnBlock, Inner - column);
                    Columns<TOp, T>(source + (nint)column, Target + (nint)(row * Inner + column), Reduce, count, (nint)Inner);
                }
            }
        }
    }
}
