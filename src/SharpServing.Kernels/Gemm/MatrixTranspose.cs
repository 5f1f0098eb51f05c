using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SharpServing.Kernels;

/// <summary>Transposes a matrix of 32-bit elements, strided on both sides, without overlap.</summary>
internal static unsafe class MatrixTranspose
{
    /// <summary>dst[c * dstStride + r] = src[r * srcStride + c]; strides in elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* src, nint srcStride, float* dst, nint dstStride, nint rows, nint columns)
    {
        nint blockedRows = 0;
        nint blockedColumns = 0;
        if (Avx.IsSupported && Simd.Level >= SimdLevel.Avx2)
        {
            blockedRows = rows & ~7;
            blockedColumns = columns & ~7;
            for (nint r = 0; r < blockedRows; r += 8)
            {
                for (nint c = 0; c < blockedColumns; c += 8)
                {
                    Block8(src + r * srcStride + c, srcStride, dst + c * dstStride + r, dstStride);
                }
            }
        }

        if (blockedColumns < columns)
        {
            Scalar(src + blockedColumns, srcStride, dst + blockedColumns * dstStride, dstStride, blockedRows, columns - blockedColumns);
        }

        if (blockedRows < rows)
        {
            Scalar(src + blockedRows * srcStride, srcStride, dst + blockedRows, dstStride, rows - blockedRows, columns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scalar(float* src, nint srcStride, float* dst, nint dstStride, nint rows, nint columns)
    {
        for (nint c = 0; c < columns; c++)
        {
            float* target = dst + c * dstStride;
            float* source = src + c;
            for (nint r = 0; r < rows; r++)
            {
                target[r] = *source;
                source += srcStride;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block8(float* s, nint ss, float* d, nint ds)
    {
        float* s3 = s + 3 * ss;
        float* s6 = s3 + 3 * ss;
        Vector256<float> r0 = Vector256.Load(s);
        Vector256<float> r1 = Vector256.Load(s + ss);
        Vector256<float> r2 = Vector256.Load(s + 2 * ss);
        Vector256<float> r3 = Vector256.Load(s3);
        Vector256<float> r4 = Vector256.Load(s3 + ss);
        Vector256<float> r5 = Vector256.Load(s3 + 2 * ss);
        Vector256<float> r6 = Vector256.Load(s6);
        Vector256<float> r7 = Vector256.Load(s6 + ss);
        Vector256<float> t0 = Avx.UnpackLow(r0, r1);
        Vector256<float> t1 = Avx.UnpackHigh(r0, r1);
        Vector256<float> t2 = Avx.UnpackLow(r2, r3);
        Vector256<float> t3 = Avx.UnpackHigh(r2, r3);
        Vector256<float> t4 = Avx.UnpackLow(r4, r5);
        Vector256<float> t5 = Avx.UnpackHigh(r4, r5);
        Vector256<float> t6 = Avx.UnpackLow(r6, r7);
        Vector256<float> t7 = Avx.UnpackHigh(r6, r7);
        r0 = Avx.Shuffle(t0, t2, 0x44);
        r1 = Avx.Shuffle(t0, t2, 0xEE);
        r2 = Avx.Shuffle(t1, t3, 0x44);
        r3 = Avx.Shuffle(t1, t3, 0xEE);
        r4 = Avx.Shuffle(t4, t6, 0x44);
        r5 = Avx.Shuffle(t4, t6, 0xEE);
        r6 = Avx.Shuffle(t5, t7, 0x44);
        r7 = Avx.Shuffle(t5, t7, 0xEE);
        float* d3 = d + 3 * ds;
        float* d6 = d3 + 3 * ds;
        Avx.Permute2x128(r0, r4, 0x20).Store(d);
        Avx.Permute2x128(r1, r5, 0x20).Store(d + ds);
        Avx.Permute2x128(r2, r6, 0x20).Store(d + 2 * ds);
        Avx.Permute2x128(r3, r7, 0x20).Store(d3);
        Avx.Permute2x128(r0, r4, 0x31).Store(d3 + ds);
        Avx.Permute2x128(r1, r5, 0x31).Store(d3 + 2 * ds);
        Avx.Permute2x128(r2, r6, 0x31).Store(d6);
        Avx.Permute2x128(r3, r7, 0x31).Store(d6 + ds);
    }
}
