using System.Runtime.CompilerServices;
using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>
/// The shared loops of elementwise kernels. An output span may be exactly one of the inputs (in place), else must not overlap them.
/// Long loops are split over <see cref="WorkerPool.Current"/>.
/// </summary>
public static unsafe partial class Elementwise
{
    /// <summary>Elements worth waking a thread for.</summary>
    private const long Grain = 32 * 1024;

    /// <summary>dst[i] = f(src[i]).</summary>
    public static void Unary<TOp, T>(ReadOnlySpan<T> src, Span<T> dst)
        where TOp : struct, IUnaryOperator<T>
        where T : unmanaged
    {
        CheckLength(src.Length, dst.Length);
        fixed (T* s = src, d = dst)
        {
            if (dst.Length < 2 * Grain)
            {
                VectorLoop.Unary<TOp, T>(s, d, dst.Length);
            }
            else
            {
                WorkerPool.Current.ForRange(dst.Length, Grain, new UnaryBody<TOp, T> { Source = s, Target = d });
            }
        }
    }

    /// <summary>dst[i] = f(src[i]), types differ.</summary>
    public static void Map<TOp, TIn, TOut>(ReadOnlySpan<TIn> src, Span<TOut> dst)
        where TOp : struct, IUnaryMap<TIn, TOut>
        where TIn : unmanaged
        where TOut : unmanaged
    {
        CheckLength(src.Length, dst.Length);
        fixed (TIn* s = src)
        fixed (TOut* d = dst)
        {
            WorkerPool.Current.ForRange(dst.Length, Grain, new MapBody<TOp, TIn, TOut> { Source = s, Target = d });
        }
    }

    /// <summary>dst[i] = f(a[i], b[i]); a span of one element stands for all i.</summary>
    public static void Binary<TOp, T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> dst)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        CheckLength(a.Length == 1 ? dst.Length : a.Length, dst.Length);
        CheckLength(b.Length == 1 ? dst.Length : b.Length, dst.Length);
        int aStep = a.Length == 1 ? 0 : 1;
        int bStep = b.Length == 1 ? 0 : 1;
        if (dst.IsEmpty)
        {
            return;
        }

        fixed (T* pa = a, pb = b, d = dst)
        {
            // One element in place: the operand is read before it is written.
            BinaryLong<TOp, T>(pa, aStep, pb, bStep, d, dst.Length);
        }
    }

    /// <summary>dst[i] = f(a[i], b[i]), output type differs; a span of one element stands for all i.</summary>
    public static void BinaryMap<TOp, TIn, TOut>(ReadOnlySpan<TIn> a, ReadOnlySpan<TIn> b, Span<TOut> dst)
        where TOp : struct, IBinaryMap<TIn, TOut>
        where TIn : unmanaged
        where TOut : unmanaged
    {
        CheckLength(a.Length == 1 ? dst.Length : a.Length, dst.Length);
        CheckLength(b.Length == 1 ? dst.Length : b.Length, dst.Length);
        if (dst.IsEmpty)
        {
            return;
        }

        fixed (TIn* pa = a, pb = b)
        fixed (TOut* d = dst)
        {
            VectorLoop.BinaryMap<TOp, TIn, TOut>(pa, a.Length == 1 ? 0 : 1, pb, b.Length == 1 ? 0 : 1, d, dst.Length);
        }
    }

    /// <summary>NumPy broadcasting of <paramref name="a"/> and <paramref name="b"/> to <paramref name="dstShape"/>, which is their broadcast shape.</summary>
    public static void Binary<TOp, T>(ReadOnlySpan<T> a, in Shape aShape, ReadOnlySpan<T> b, in Shape bShape, Span<T> dst, in Shape dstShape)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        if (dst.IsEmpty)
        {
            return;
        }

        if ((a.Length == dst.Length || a.Length == 1) && (b.Length == dst.Length || b.Length == 1))
        {
            Binary<TOp, T>(a, b, dst);
            return;
        }

        var plan = new BroadcastPlan(stackalloc BroadcastPlan.Dimension[dstShape.Rank], aShape, bShape, dstShape);
        fixed (T* pa = a, pb = b, d = dst)
        {
            BroadcastLoop<TOp, T>(ref plan, pa, pb, d);
        }
    }

    /// <summary>NumPy broadcasting with an output type of its own.</summary>
    public static void BinaryMap<TOp, TIn, TOut>(
        ReadOnlySpan<TIn> a, in Shape aShape, ReadOnlySpan<TIn> b, in Shape bShape, Span<TOut> dst, in Shape dstShape)
        where TOp : struct, IBinaryMap<TIn, TOut>
        where TIn : unmanaged
        where TOut : unmanaged
    {
        if (dst.IsEmpty)
        {
            return;
        }

        if ((a.Length == dst.Length || a.Length == 1) && (b.Length == dst.Length || b.Length == 1))
        {
            BinaryMap<TOp, TIn, TOut>(a, b, dst);
            return;
        }

        var plan = new BroadcastPlan(stackalloc BroadcastPlan.Dimension[dstShape.Rank], aShape, bShape, dstShape);
        fixed (TIn* pa = a, pb = b)
        fixed (TOut* d = dst)
        {
            BroadcastPlan.Dimension inner = plan.Inner;
            TOut* row = d;
            do
            {
                VectorLoop.BinaryMap<TOp, TIn, TOut>(pa + plan.AOffset, (int)inner.AStride, pb + plan.BOffset, (int)inner.BStride, row, (nint)inner.Size);
                row += inner.Size;
            }
            while (plan.MoveNext());
        }
    }

    private static void BinaryLong<TOp, T>(T* a, int aStep, T* b, int bStep, T* d, long count)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        if (count < 2 * Grain)
        {
            VectorLoop.Binary<TOp, T>(a, aStep, b, bStep, d, (nint)count);
        }
        else
        {
            T scalarA = *a;
            T scalarB = *b;
            var body = new BinaryBody<TOp, T> { A = a, B = b, AStep = aStep, BStep = bStep, ScalarA = scalarA, ScalarB = scalarB, Target = d };
            WorkerPool.Current.ForRange(count, Grain, body);
        }
    }

    private static void BroadcastLoop<TOp, T>(ref BroadcastPlan plan, T* a, T* b, T* d)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        BroadcastPlan.Dimension inner = plan.Inner;
        if (plan.Rank == 1)
        {
            BinaryLong<TOp, T>(a, (int)inner.AStride, b, (int)inner.BStride, d, inner.Size);
            return;
        }

        if (inner.Size < RepeatBelow && inner.AStride + inner.BStride == 2 && plan.Rank == 2)
        {
            RepeatLoop<TOp, T>(ref plan, a, b, d);
            return;
        }

        T* row = d;
        do
        {
            VectorLoop.Binary<TOp, T>(a + plan.AOffset, (int)inner.AStride, b + plan.BOffset, (int)inner.BStride, row, (nint)inner.Size);
            row += inner.Size;
        }
        while (plan.MoveNext());
    }

    private const int RepeatBelow = 64;
    private const int RepeatElements = 512;

    /// <summary>[n, c] with [c] for a small c (colours of pixels): the short operand is written out several times, so that rows are long.</summary>
    private static void RepeatLoop<TOp, T>(ref BroadcastPlan plan, T* a, T* b, T* d)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        BroadcastPlan.Dimension outer = plan.Outer;
        int size = (int)plan.Inner.Size;
        bool repeatB = outer.BStride == 0;
        int rows = (int)Math.Min(RepeatElements / size, outer.Size);
        T* repeated = stackalloc T[RepeatElements];
        T* once = repeatB ? b : a;
        for (int i = 0; i < rows * size; i++)
        {
            repeated[i] = once[i % size];
        }

        long total = outer.Size * size;
        for (long i = 0; i < total; i += rows * size)
        {
            nint count = (nint)Math.Min(rows * size, total - i);
            VectorLoop.Binary<TOp, T>(repeatB ? a + i : repeated, 1, repeatB ? repeated : b + i, 1, d + i, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CheckLength(int actual, int expected)
    {
        if (actual != expected)
        {
            ThrowLength(actual, expected);
        }
    }

    private static void ThrowLength(int actual, int expected) =>
        throw new ArgumentException($"An operand has {actual} elements where the output has {expected}.");

    private struct UnaryBody<TOp, T> : IRangeBody
        where TOp : struct, IUnaryOperator<T>
        where T : unmanaged
    {
        public T* Source;
        public T* Target;

        public readonly void Run(long start, long end) => VectorLoop.Unary<TOp, T>(Source + start, Target + start, (nint)(end - start));
    }

    private struct MapBody<TOp, TIn, TOut> : IRangeBody
        where TOp : struct, IUnaryMap<TIn, TOut>
        where TIn : unmanaged
        where TOut : unmanaged
    {
        public TIn* Source;
        public TOut* Target;

        public readonly void Run(long start, long end) => VectorLoop.Map<TOp, TIn, TOut>(Source + start, Target + start, (nint)(end - start));
    }

    private struct BinaryBody<TOp, T> : IRangeBody
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        public T* A;
        public T* B;
        public T* Target;
        public T ScalarA;
        public T ScalarB;
        public int AStep;
        public int BStep;

        public readonly void Run(long start, long end)
        {
            T a = ScalarA;
            T b = ScalarB;
            VectorLoop.Binary<TOp, T>(
                AStep == 0 ? &a : A + start, AStep, BStep == 0 ? &b : B + start, BStep, Target + start, (nint)(end - start));
        }
    }
}
