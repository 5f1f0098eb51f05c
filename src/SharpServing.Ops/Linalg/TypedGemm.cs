using System.Numerics;
using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Tensors;

namespace SharpServing.Ops.Linalg;

/// <summary>
/// Batched matrix products of any dtype: C[b, m, n] = A[b, m, k] · B[b, k, n]. float32 goes to the packed kernels; half and bfloat16 are
/// computed in float32 and rounded once; the others run a plain loop in their own arithmetic.
/// </summary>
internal static unsafe class TypedGemm
{
    public static bool Supports(DType type) =>
        type is DType.Float or DType.Double or DType.Half or DType.BFloat16 or DType.Int32 or DType.Int64 or DType.Complex64 or DType.Complex128
            or DType.UInt8 or DType.Int8 or DType.Int16 or DType.UInt16 or DType.UInt32 or DType.UInt64;

    /// <param name="a">Stored [m, k], or [k, m] when transposed.</param>
    /// <param name="b">Stored [k, n], or [n, k] when transposed.</param>
    /// <param name="aMatrix">Index of each product's left matrix within <paramref name="a"/>.</param>
    public static void Run(
        Tensor a, Tensor b, Tensor c, MatrixSizes sizes, ReadOnlySpan<long> aMatrix, ReadOnlySpan<long> bMatrix)
    {
        switch (a.DType)
        {
            case DType.Float:
                RunFloat(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.Half or DType.BFloat16:
                Tensor wideA = BFloat16Bridge.Widen(a);
                Tensor wideB = BFloat16Bridge.Widen(b);
                Tensor wideC = Tensor.Allocate(DType.Float, c.Shape);
                RunFloat(wideA, wideB, wideC, sizes, aMatrix, bMatrix);
                BFloat16Bridge.Narrow(wideC.Span<float>(), c);
                wideA.Release();
                wideB.Release();
                wideC.Release();
                break;
            case DType.Double:
                Loop<double>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.Int32:
                Loop<int>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.Int64:
                Loop<long>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.Int16:
                Loop<short>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.Int8:
                Loop<sbyte>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.UInt8:
                Loop<byte>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.UInt16:
                Loop<ushort>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.UInt32:
                Loop<uint>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.UInt64:
                Loop<ulong>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.Complex128:
                LoopComplex<Complex>(a, b, c, sizes, aMatrix, bMatrix, static z => z, static z => z);
                break;
            default:
                LoopComplex<Complex64>(a, b, c, sizes, aMatrix, bMatrix, static z => (Complex)z, static z => (Complex64)z);
                break;
        }
    }

    private static void RunFloat(Tensor a, Tensor b, Tensor c, MatrixSizes sizes, ReadOnlySpan<long> aMatrix, ReadOnlySpan<long> bMatrix)
    {
        int m = (int)sizes.M;
        int n = (int)sizes.N;
        int k = (int)sizes.K;
        if (m == 0 || n == 0)
        {
            return;
        }

        float* pa = (float*)a.Data;
        float* pb = (float*)b.Data;
        float* pc = (float*)c.Data;
        if (k == 0)
        {
            c.Bytes.Clear();
            return;
        }

        long lda = sizes.TransposeA ? m : k;
        long ldb = sizes.TransposeB ? k : n;
        if (aMatrix.Length == 1)
        {
            Gemm.Run(pa, lda, sizes.TransposeA, pb, ldb, sizes.TransposeB, m, n, k, pc, n);
            return;
        }

        int count = aMatrix.Length;
        long[] aOffsets = new long[count];
        long[] bOffsets = new long[count];
        for (int i = 0; i < count; i++)
        {
            aOffsets[i] = aMatrix[i] * m * k;
            bOffsets[i] = bMatrix[i] * k * n;
        }

        fixed (long* aAt = aOffsets, bAt = bOffsets)
        {
            Gemm.RunBatch(new BatchedGemm
            {
                Count = count,
                M = m,
                N = n,
                K = k,
                A = pa,
                Lda = lda,
                TransposeA = sizes.TransposeA,
                AOffsets = aAt,
                B = pb,
                Ldb = ldb,
                TransposeB = sizes.TransposeB,
                BOffsets = bAt,
                C = pc,
                Ldc = n,
                CStep = (long)m * n,
            });
        }
    }

    private static void Loop<T>(Tensor a, Tensor b, Tensor c, MatrixSizes sizes, ReadOnlySpan<long> aMatrix, ReadOnlySpan<long> bMatrix)
        where T : unmanaged, INumberBase<T>
    {
        (long m, long n, long k) = (sizes.M, sizes.N, sizes.K);
        c.Bytes.Clear();
        for (int batch = 0; batch < aMatrix.Length; batch++)
        {
            T* pa = (T*)a.Data + (aMatrix[batch] * m * k);
            T* pb = (T*)b.Data + (bMatrix[batch] * k * n);
            T* pc = (T*)c.Data + (batch * m * n);
            for (long i = 0; i < m; i++)
            {
                for (long p = 0; p < k; p++)
                {
                    T left = sizes.TransposeA ? pa[(p * m) + i] : pa[(i * k) + p];
                    T* row = pc + (i * n);
                    for (long j = 0; j < n; j++)
                    {
                        row[j] = unchecked(row[j] + (left * (sizes.TransposeB ? pb[(j * k) + p] : pb[(p * n) + j])));
                    }
                }
            }
        }
    }

    private static void LoopComplex<T>(
        Tensor a, Tensor b, Tensor c, MatrixSizes sizes, ReadOnlySpan<long> aMatrix, ReadOnlySpan<long> bMatrix, Func<T, Complex> widen, Func<Complex, T> narrow)
        where T : unmanaged
    {
        (long m, long n, long k) = (sizes.M, sizes.N, sizes.K);
        for (int batch = 0; batch < aMatrix.Length; batch++)
        {
            T* pa = (T*)a.Data + (aMatrix[batch] * m * k);
            T* pb = (T*)b.Data + (bMatrix[batch] * k * n);
            T* pc = (T*)c.Data + (batch * m * n);
            for (long i = 0; i < m; i++)
            {
                for (long j = 0; j < n; j++)
                {
                    Complex sum = Complex.Zero;
                    for (long p = 0; p < k; p++)
                    {
                        Complex left = widen(sizes.TransposeA ? pa[(p * m) + i] : pa[(i * k) + p]);
                        Complex right = widen(sizes.TransposeB ? pb[(j * k) + p] : pb[(p * n) + j]);
                        sum += (sizes.ConjugateA ? Complex.Conjugate(left) : left) * (sizes.ConjugateB ? Complex.Conjugate(right) : right);
                    }

                    pc[(i * n) + j] = narrow(sum);
                }
            }
        }
    }
}

/// <summary>Sizes of one product and how its sides are stored.</summary>
internal readonly record struct MatrixSizes(long M, long N, long K, bool TransposeA, bool TransposeB)
{
    /// <summary>The transposition of the left side is the adjoint.</summary>
    public bool ConjugateA { get; init; }

    public bool ConjugateB { get; init; }
}
