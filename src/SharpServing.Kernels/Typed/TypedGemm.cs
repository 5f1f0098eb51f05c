using System.Numerics;
using System.Runtime.CompilerServices;
using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>
/// C[m, n] = A[m, k] * B[k, n] for every numeric element type. float32 is <see cref="Gemm"/>; half and bfloat16 add up in float32;
/// integers wrap. No overlap.
/// </summary>
public static unsafe class TypedGemm
{
    /// <summary>
    /// <typeparamref name="T"/>: float, double, Half, <see cref="BFloat16"/>, the integer types, <see cref="Complex64"/>, <see cref="Complex"/>.
    /// Parameters as <see cref="Gemm"/>'s; <paramref name="conjugateA"/> and <paramref name="conjugateB"/> matter for complex numbers only.
    /// </summary>
    /// <exception cref="NotSupportedException">Another type.</exception>
    public static void Run<T>(
        T* a,
        long lda,
        bool transposeA,
        T* b,
        long ldb,
        bool transposeB,
        int m,
        int n,
        int k,
        T* c,
        long ldc,
        bool conjugateA = false,
        bool conjugateB = false)
        where T : unmanaged
    {
        if (m <= 0 || n <= 0)
        {
            return;
        }

        if (typeof(T) == typeof(float))
        {
            Gemm.Run((float*)a, lda, transposeA, (float*)b, ldb, transposeB, m, n, k, (float*)c, ldc);
            return;
        }

        // Both sides in float32 or as they are, each row by row, so that the loops need one form only.
        long aCount = (long)m * k;
        long bCount = (long)k * n;
        using var rowsOfA = new Scratch<T>(aCount);
        using var rowsOfB = new Scratch<T>(bCount);
        Gather(a, lda, transposeA, m, k, rowsOfA.Data);
        Gather(b, ldb, transposeB, k, n, rowsOfB.Data);
        if (FloatConvert.IsNarrow<T>())
        {
            TensorBuffer wideA = FloatConvert.Widen(rowsOfA.Data, aCount);
            TensorBuffer wideB = FloatConvert.Widen(rowsOfB.Data, bCount);
            using var wideC = new Scratch<float>((long)m * n);
            Gemm.Run((float*)wideA.Address, k, false, (float*)wideB.Address, n, false, m, n, k, wideC.Data, n);
            wideA.Release();
            wideB.Release();
            for (int row = 0; row < m; row++)
            {
                FloatConvert.Narrow(wideC.Data + (nint)row * n, c + row * ldc, n);
            }

            return;
        }

        if (conjugateA)
        {
            Conjugate(rowsOfA.Data, aCount);
        }

        if (conjugateB)
        {
            Conjugate(rowsOfB.Data, bCount);
        }

        Dispatch(rowsOfA.Data, rowsOfB.Data, m, n, k, c, (nint)ldc);
    }

    private static void Dispatch<T>(T* a, T* b, int m, int n, int k, T* c, nint ldc)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            Loop((double*)a, (double*)b, m, n, k, (double*)c, ldc);
        }
        else if (typeof(T) == typeof(int) || typeof(T) == typeof(uint))
        {
            Loop((int*)a, (int*)b, m, n, k, (int*)c, ldc);
        }
        else if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong))
        {
            Loop((long*)a, (long*)b, m, n, k, (long*)c, ldc);
        }
        else if (typeof(T) == typeof(short) || typeof(T) == typeof(ushort))
        {
            Loop((short*)a, (short*)b, m, n, k, (short*)c, ldc);
        }
        else if (typeof(T) == typeof(sbyte) || typeof(T) == typeof(byte))
        {
            Loop((byte*)a, (byte*)b, m, n, k, (byte*)c, ldc);
        }
        else if (typeof(T) == typeof(Complex))
        {
            ComplexLoop((double*)a, (double*)b, m, n, k, (double*)c, 2 * ldc);
        }
        else if (typeof(T) == typeof(Complex64))
        {
            ComplexLoop((float*)a, (float*)b, m, n, k, (float*)c, 2 * ldc);
        }
        else
        {
            throw new NotSupportedException($"A matrix product of {typeof(T).Name}.");
        }
    }

    private static void Gather<T>(T* source, long ld, bool transposed, int rows, int columns, T* target)
        where T : unmanaged
    {
        for (int row = 0; row < rows; row++)
        {
            T* to = target + (nint)row * columns;
            if (transposed)
            {
                for (int column = 0; column < columns; column++)
                {
                    to[column] = source[column * ld + row];
                }
            }
            else
            {
                new ReadOnlySpan<T>(source + row * ld, columns).CopyTo(new Span<T>(to, columns));
            }
        }
    }

    private static void Conjugate<T>(T* x, long count)
        where T : unmanaged
    {
        if (typeof(T) == typeof(Complex64))
        {
            for (long i = 0; i < count; i++)
            {
                ((float*)x)[2 * i + 1] = -((float*)x)[2 * i + 1];
            }
        }
        else if (typeof(T) == typeof(Complex))
        {
            for (long i = 0; i < count; i++)
            {
                ((double*)x)[2 * i + 1] = -((double*)x)[2 * i + 1];
            }
        }
    }

    /// <summary>Row of C += a * row of B, four rows of B at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<T>(T* a, T* b, int m, int n, int k, T* c, nint ldc)
        where T : unmanaged, INumberBase<T>
    {
        int whole = Simd.Level == SimdLevel.Scalar ? 0 : n - n % Vector<T>.Count;
        for (int i = 0; i < m; i++)
        {
            T* row = c + i * ldc;
            new Span<T>(row, n).Clear();
            T* left = a + (nint)i * k;
            int p = 0;
            for (; p <= k - 4; p += 4)
            {
                T* b0 = b + (nint)p * n;
                T* b1 = b0 + n;
                T* b2 = b1 + n;
                T* b3 = b2 + n;
                T x0 = left[p], x1 = left[p + 1], x2 = left[p + 2], x3 = left[p + 3];
                int j = 0;
                for (; j < whole; j += Vector<T>.Count)
                {
                    Vector<T> sum = Vector.Load(row + j) + Vector.Load(b0 + j) * x0 + Vector.Load(b1 + j) * x1;
                    Vector.Store(sum + Vector.Load(b2 + j) * x2 + Vector.Load(b3 + j) * x3, row + j);
                }

                for (; j < n; j++)
                {
                    row[j] = unchecked(row[j] + b0[j] * x0 + b1[j] * x1 + b2[j] * x2 + b3[j] * x3);
                }
            }

            for (; p < k; p++)
            {
                T* right = b + (nint)p * n;
                T x = left[p];
                for (int j = 0; j < n; j++)
                {
                    row[j] = unchecked(row[j] + right[j] * x);
                }
            }
        }
    }

    /// <summary>Complex numbers as pairs; <paramref name="ldc"/> counts real numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ComplexLoop<T>(T* a, T* b, int m, int n, int k, T* c, nint ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < m; i++)
        {
            T* row = c + i * ldc;
            new Span<T>(row, 2 * n).Clear();
            for (int p = 0; p < k; p++)
            {
                T re = a[2 * ((nint)i * k + p)];
                T im = a[2 * ((nint)i * k + p) + 1];
                T* right = b + 2 * (nint)p * n;
                for (int j = 0; j < n; j++)
                {
                    row[2 * j] += re * right[2 * j] - im * right[2 * j + 1];
                    row[2 * j + 1] += re * right[2 * j + 1] + im * right[2 * j];
                }
            }
        }
    }
}
