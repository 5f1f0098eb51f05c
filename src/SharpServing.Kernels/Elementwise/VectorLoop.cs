using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SharpServing.Kernels;

/// <summary>
/// One method per vector width and operand form, so that only the one in use is ever compiled; all are compiled fully optimised at
/// their first call. The last, partial vector is computed from the last full one before anything is written, so that working in place
/// is right; fewer elements than a vector go through a padded copy.
/// </summary>
internal static unsafe class VectorLoop
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unary<TOp, T>(T* src, T* dst, nint count)
        where TOp : struct, IUnaryOperator<T>
        where T : unmanaged
    {
        if (Vector128<T>.IsSupported && TOp.IsVectorizable && Simd.Level != SimdLevel.Scalar)
        {
            if (Simd.Level == SimdLevel.Avx512)
            {
                Unary512<TOp, T>(src, dst, count);
            }
            else if (Simd.Level == SimdLevel.Avx2)
            {
                Unary256<TOp, T>(src, dst, count);
            }
            else
            {
                Unary128<TOp, T>(src, dst, count);
            }
        }
        else
        {
            UnaryScalar<TOp, T>(src, dst, count);
        }
    }

    /// <summary>A step of 0 repeats the operand's first element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Binary<TOp, T>(T* a, int aStep, T* b, int bStep, T* dst, nint count)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        if (Vector128<T>.IsSupported && TOp.IsVectorizable && Simd.Level != SimdLevel.Scalar)
        {
            if (Simd.Level == SimdLevel.Avx512)
            {
                if (aStep == 0)
                {
                    ScalarLeft512<TOp, T>(*a, b, bStep, dst, count);
                }
                else if (bStep == 0)
                {
                    ScalarRight512<TOp, T>(a, *b, dst, count);
                }
                else
                {
                    Binary512<TOp, T>(a, b, dst, count);
                }
            }
            else if (Simd.Level == SimdLevel.Avx2)
            {
                Binary256<TOp, T>(a, aStep, b, bStep, dst, count);
            }
            else
            {
                Binary128<TOp, T>(a, aStep, b, bStep, dst, count);
            }
        }
        else
        {
            BinaryScalar<TOp, T>(a, aStep, b, bStep, dst, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Map<TOp, TIn, TOut>(TIn* src, TOut* dst, nint count)
        where TOp : struct, IUnaryMap<TIn, TOut>
        where TIn : unmanaged
        where TOut : unmanaged
    {
        for (nint i = 0; i < count; i++)
        {
            dst[i] = TOp.Invoke(src[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BinaryMap<TOp, TIn, TOut>(TIn* a, int aStep, TIn* b, int bStep, TOut* dst, nint count)
        where TOp : struct, IBinaryMap<TIn, TOut>
        where TIn : unmanaged
        where TOut : unmanaged
    {
        if (aStep == 1 && bStep == 1)
        {
            for (nint i = 0; i < count; i++)
            {
                dst[i] = TOp.Invoke(a[i], b[i]);
            }
        }
        else if (aStep == 1)
        {
            TIn y = *b;
            for (nint i = 0; i < count; i++)
            {
                dst[i] = TOp.Invoke(a[i], y);
            }
        }
        else
        {
            TIn x = *a;
            for (nint i = 0; i < count; i++)
            {
                dst[i] = TOp.Invoke(x, b[i * bStep]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Unary512<TOp, T>(T* src, T* dst, nint count)
        where TOp : struct, IUnaryOperator<T>
        where T : unmanaged
    {
        nint width = Vector512<T>.Count;
        if (count < width)
        {
            if (count > 0)
            {
                Vector512<T> padded = TOp.Invoke(Pad512(src, count));
                Unsafe.CopyBlockUnaligned(dst, &padded, (uint)(count * sizeof(T)));
            }

            return;
        }

        nint end = count - width;
        Vector512<T> last = TOp.Invoke(Vector512.Load(src + end));
        for (nint i = 0; i < end; i += width)
        {
            TOp.Invoke(Vector512.Load(src + i)).Store(dst + i);
        }

        last.Store(dst + end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Unary256<TOp, T>(T* src, T* dst, nint count)
        where TOp : struct, IUnaryOperator<T>
        where T : unmanaged
    {
        nint width = Vector256<T>.Count;
        if (count < width)
        {
            UnaryScalar<TOp, T>(src, dst, count);
            return;
        }

        nint end = count - width;
        Vector256<T> last = TOp.Invoke(Vector256.Load(src + end));
        for (nint i = 0; i < end; i += width)
        {
            TOp.Invoke(Vector256.Load(src + i)).Store(dst + i);
        }

        last.Store(dst + end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Unary128<TOp, T>(T* src, T* dst, nint count)
        where TOp : struct, IUnaryOperator<T>
        where T : unmanaged
    {
        nint width = Vector128<T>.Count;
        if (count < width)
        {
            UnaryScalar<TOp, T>(src, dst, count);
            return;
        }

        nint end = count - width;
        Vector128<T> last = TOp.Invoke(Vector128.Load(src + end));
        for (nint i = 0; i < end; i += width)
        {
            TOp.Invoke(Vector128.Load(src + i)).Store(dst + i);
        }

        last.Store(dst + end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UnaryScalar<TOp, T>(T* src, T* dst, nint count)
        where TOp : struct, IUnaryOperator<T>
        where T : unmanaged
    {
        for (nint i = 0; i < count; i++)
        {
            dst[i] = TOp.Invoke(src[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Binary512<TOp, T>(T* a, T* b, T* dst, nint count)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        nint width = Vector512<T>.Count;
        if (count < width)
        {
            if (count > 0)
            {
                Vector512<T> padded = TOp.Invoke(Pad512(a, count), Pad512(b, count));
                Unsafe.CopyBlockUnaligned(dst, &padded, (uint)(count * sizeof(T)));
            }

            return;
        }

        nint end = count - width;
        Vector512<T> last = TOp.Invoke(Vector512.Load(a + end), Vector512.Load(b + end));
        for (nint i = 0; i < end; i += width)
        {
            TOp.Invoke(Vector512.Load(a + i), Vector512.Load(b + i)).Store(dst + i);
        }

        last.Store(dst + end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScalarRight512<TOp, T>(T* a, T b, T* dst, nint count)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        nint width = Vector512<T>.Count;
        Vector512<T> right = Vector512.Create(b);
        if (count < width)
        {
            if (count > 0)
            {
                Vector512<T> padded = TOp.Invoke(Pad512(a, count), right);
                Unsafe.CopyBlockUnaligned(dst, &padded, (uint)(count * sizeof(T)));
            }

            return;
        }

        nint end = count - width;
        Vector512<T> last = TOp.Invoke(Vector512.Load(a + end), right);
        for (nint i = 0; i < end; i += width)
        {
            TOp.Invoke(Vector512.Load(a + i), right).Store(dst + i);
        }

        last.Store(dst + end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScalarLeft512<TOp, T>(T a, T* b, int bStep, T* dst, nint count)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        if (bStep == 0)
        {
            new Span<T>(dst, (int)count).Fill(TOp.Invoke(a, *b));
            return;
        }

        nint width = Vector512<T>.Count;
        Vector512<T> left = Vector512.Create(a);
        if (count < width)
        {
            if (count > 0)
            {
                Vector512<T> padded = TOp.Invoke(left, Pad512(b, count));
                Unsafe.CopyBlockUnaligned(dst, &padded, (uint)(count * sizeof(T)));
            }

            return;
        }

        nint end = count - width;
        Vector512<T> last = TOp.Invoke(left, Vector512.Load(b + end));
        for (nint i = 0; i < end; i += width)
        {
            TOp.Invoke(left, Vector512.Load(b + i)).Store(dst + i);
        }

        last.Store(dst + end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Binary256<TOp, T>(T* a, int aStep, T* b, int bStep, T* dst, nint count)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        nint width = Vector256<T>.Count;
        if (count < width)
        {
            BinaryScalar<TOp, T>(a, aStep, b, bStep, dst, count);
            return;
        }

        nint end = count - width;
        Vector256<T> left = Vector256.Create(*a);
        Vector256<T> right = Vector256.Create(*b);
        Vector256<T> last = TOp.Invoke(
            aStep == 0 ? left : Vector256.Load(a + end), bStep == 0 ? right : Vector256.Load(b + end));
        for (nint i = 0; i < end; i += width)
        {
            TOp.Invoke(aStep == 0 ? left : Vector256.Load(a + i), bStep == 0 ? right : Vector256.Load(b + i)).Store(dst + i);
        }

        last.Store(dst + end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Binary128<TOp, T>(T* a, int aStep, T* b, int bStep, T* dst, nint count)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        nint width = Vector128<T>.Count;
        if (count < width)
        {
            BinaryScalar<TOp, T>(a, aStep, b, bStep, dst, count);
            return;
        }

        nint end = count - width;
        Vector128<T> left = Vector128.Create(*a);
        Vector128<T> right = Vector128.Create(*b);
        Vector128<T> last = TOp.Invoke(
            aStep == 0 ? left : Vector128.Load(a + end), bStep == 0 ? right : Vector128.Load(b + end));
        for (nint i = 0; i < end; i += width)
        {
            TOp.Invoke(aStep == 0 ? left : Vector128.Load(a + i), bStep == 0 ? right : Vector128.Load(b + i)).Store(dst + i);
        }

        last.Store(dst + end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BinaryScalar<TOp, T>(T* a, int aStep, T* b, int bStep, T* dst, nint count)
        where TOp : struct, IBinaryOperator<T>
        where T : unmanaged
    {
        if (aStep == 1 && bStep == 1)
        {
            for (nint i = 0; i < count; i++)
            {
                dst[i] = TOp.Invoke(a[i], b[i]);
            }

            return;
        }

        T x = *a;
        T y = *b;
        for (nint i = 0; i < count; i++)
        {
            dst[i] = TOp.Invoke(aStep == 0 ? x : a[i], bStep == 0 ? y : b[i]);
        }
    }

    /// <summary>The elements, and the first one repeated behind them: a value the operator is asked for anyway.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Pad512<T>(T* src, nint count)
        where T : unmanaged
    {
        Vector512<T> padded = Vector512.Create(*src);
        Unsafe.CopyBlockUnaligned(&padded, src, (uint)(count * sizeof(T)));
        return padded;
    }
}
