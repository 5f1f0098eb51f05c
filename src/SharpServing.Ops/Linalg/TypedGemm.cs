using System.Numerics;
using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Tensors;

namespace SharpServing.Ops.Linalg;

/// <summary>
/// Batched matrix products of any dtype: C[b, m, n] = A[b, m, k] · B[b, k, n]. float32 goes to the packed kernels; half and bfloat16 are
/// computed in float32 and rounded once; the others are computed in their own arithmetic.
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
                RunEach<double>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.Int32:
                RunEach<int>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.Int64:
                RunEach<long>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.Int16:
                RunEach<short>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.Int8:
                RunEach<sbyte>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.UInt8:
                RunEach<byte>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.UInt16:
                RunEach<ushort>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.UInt32:
                RunEach<uint>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.UInt64:
                RunEach<ulong>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            case DType.Complex128:
                RunEach<Complex>(a, b, c, sizes, aMatrix, bMatrix);
                break;
            default:
                RunEach<Complex64>(a, b, c, sizes, aMatrix, bMatrix);
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
        using var offsets = new Support.Scratch<long>(2 * count);
        Span<long> aOffsets = offsets.Span[..count];
        Span<long> bOffsets = offsets.Span[count..];
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

    private static void RunEach<T>(Tensor a, Tensor b, Tensor c, MatrixSizes sizes, ReadOnlySpan<long> aMatrix, ReadOnlySpan<long> bMatrix)
        where T : unmanaged
    {
        (int m, int n, int k) = ((int)sizes.M, (int)sizes.N, (int)sizes.K);
        for (int batch = 0; batch < aMatrix.Length; batch++)
        {
            Kernels.TypedGemm.Run(
                (T*)a.Data + (aMatrix[batch] * m * k),
                sizes.TransposeA ? m : k,
                sizes.TransposeA,
                (T*)b.Data + (bMatrix[batch] * k * n),
                sizes.TransposeB ? k : n,
                sizes.TransposeB,
                m,
                n,
                k,
                (T*)c.Data + ((long)batch * m * n),
                n,
                sizes.ConjugateA,
                sizes.ConjugateB);
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
