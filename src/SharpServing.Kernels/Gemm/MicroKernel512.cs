using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static SharpServing.Kernels.RowCounts;

namespace SharpServing.Kernels;

/// <summary>
/// AVX-512: 24 accumulators of 32 registers.
/// c[r, j] = sum over k of a[r, k] * b[k, j] for up to 12 rows and 32 columns (or 16); all sums stay in registers. One source for every
/// row count: the type parameters are constants to the compiler, rows above the count disappear.
/// </summary>
internal static unsafe class MicroKernel512
{
    /// <summary>Most rows of a tile.</summary>
    public const int MaxRows = 12;

    private const int Lanes = 16;

    /// <summary>Columns of a full tile.</summary>
    public const int Columns = 2 * Lanes;

    private static readonly delegate*<MicroTile*, void>[] Wide =
    [
        &Run<Rows1, Rows2>,
        &Run<Rows2, Rows2>,
        &Run<Rows3, Rows2>,
        &Run<Rows4, Rows2>,
        &Run<Rows5, Rows2>,
        &Run<Rows6, Rows2>,
        &Run<Rows7, Rows2>,
        &Run<Rows8, Rows2>,
        &Run<Rows9, Rows2>,
        &Run<Rows10, Rows2>,
        &Run<Rows11, Rows2>,
        &Run<Rows12, Rows2>,
    ];

    private static readonly delegate*<MicroTile*, void>[] Narrow =
    [
        &Run<Rows1, Rows1>,
        &Run<Rows2, Rows1>,
        &Run<Rows3, Rows1>,
        &Run<Rows4, Rows1>,
        &Run<Rows5, Rows1>,
        &Run<Rows6, Rows1>,
        &Run<Rows7, Rows1>,
        &Run<Rows8, Rows1>,
        &Run<Rows9, Rows1>,
        &Run<Rows10, Rows1>,
        &Run<Rows11, Rows1>,
        &Run<Rows12, Rows1>,
    ];

    /// <param name="tile">The tile.</param>
    /// <param name="rows">1 to <see cref="MaxRows"/>.</param>
    /// <param name="wide">Two vectors of columns, else one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(MicroTile* tile, int rows, bool wide) => (wide ? Wide : Narrow)[rows - 1](tile);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TRows, TVectors>(MicroTile* tile)
        where TRows : struct, IRowCount
        where TVectors : struct, IRowCount
    {
        bool wide = TVectors.Count == 2;
        nint lda = tile->AStride;
        nint ldb = tile->BStride;
        float* b = tile->B;
        float* a0 = tile->A;
        float* a3 = a0 + 3 * lda;
        float* a6 = a3 + 3 * lda;
        float* a9 = a6 + 3 * lda;
        Vector512<float> c00 = Vector512<float>.Zero, c01 = Vector512<float>.Zero;
        Vector512<float> c10 = Vector512<float>.Zero, c11 = Vector512<float>.Zero;
        Vector512<float> c20 = Vector512<float>.Zero, c21 = Vector512<float>.Zero;
        Vector512<float> c30 = Vector512<float>.Zero, c31 = Vector512<float>.Zero;
        Vector512<float> c40 = Vector512<float>.Zero, c41 = Vector512<float>.Zero;
        Vector512<float> c50 = Vector512<float>.Zero, c51 = Vector512<float>.Zero;
        Vector512<float> c60 = Vector512<float>.Zero, c61 = Vector512<float>.Zero;
        Vector512<float> c70 = Vector512<float>.Zero, c71 = Vector512<float>.Zero;
        Vector512<float> c80 = Vector512<float>.Zero, c81 = Vector512<float>.Zero;
        Vector512<float> c90 = Vector512<float>.Zero, c91 = Vector512<float>.Zero;
        Vector512<float> c100 = Vector512<float>.Zero, c101 = Vector512<float>.Zero;
        Vector512<float> c110 = Vector512<float>.Zero, c111 = Vector512<float>.Zero;
        Vector512<float> b1 = Vector512<float>.Zero;
        for (nint k = tile->Depth; k > 0; k--)
        {
            Vector512<float> b0 = Vector512.Load(b);
            if (wide)
            {
                b1 = Vector512.Load(b + Lanes);
            }

            b += ldb;
            if (TRows.Count > 0)
            {
                Vector512<float> a = Vector512.Create(*a0);
                c00 = Vector512.MultiplyAddEstimate(a, b0, c00);
                if (wide)
                {
                    c01 = Vector512.MultiplyAddEstimate(a, b1, c01);
                }
            }

            if (TRows.Count > 1)
            {
                Vector512<float> a = Vector512.Create(a0[lda]);
                c10 = Vector512.MultiplyAddEstimate(a, b0, c10);
                if (wide)
                {
                    c11 = Vector512.MultiplyAddEstimate(a, b1, c11);
                }
            }

            if (TRows.Count > 2)
            {
                Vector512<float> a = Vector512.Create(a0[2 * lda]);
                c20 = Vector512.MultiplyAddEstimate(a, b0, c20);
                if (wide)
                {
                    c21 = Vector512.MultiplyAddEstimate(a, b1, c21);
                }
            }

            if (TRows.Count > 3)
            {
                Vector512<float> a = Vector512.Create(*a3);
                c30 = Vector512.MultiplyAddEstimate(a, b0, c30);
                if (wide)
                {
                    c31 = Vector512.MultiplyAddEstimate(a, b1, c31);
                }
            }

            if (TRows.Count > 4)
            {
                Vector512<float> a = Vector512.Create(a3[lda]);
                c40 = Vector512.MultiplyAddEstimate(a, b0, c40);
                if (wide)
                {
                    c41 = Vector512.MultiplyAddEstimate(a, b1, c41);
                }
            }

            if (TRows.Count > 5)
            {
                Vector512<float> a = Vector512.Create(a3[2 * lda]);
                c50 = Vector512.MultiplyAddEstimate(a, b0, c50);
                if (wide)
                {
                    c51 = Vector512.MultiplyAddEstimate(a, b1, c51);
                }
            }

            if (TRows.Count > 6)
            {
                Vector512<float> a = Vector512.Create(*a6);
                c60 = Vector512.MultiplyAddEstimate(a, b0, c60);
                if (wide)
                {
                    c61 = Vector512.MultiplyAddEstimate(a, b1, c61);
                }
            }

            if (TRows.Count > 7)
            {
                Vector512<float> a = Vector512.Create(a6[lda]);
                c70 = Vector512.MultiplyAddEstimate(a, b0, c70);
                if (wide)
                {
                    c71 = Vector512.MultiplyAddEstimate(a, b1, c71);
                }
            }

            if (TRows.Count > 8)
            {
                Vector512<float> a = Vector512.Create(a6[2 * lda]);
                c80 = Vector512.MultiplyAddEstimate(a, b0, c80);
                if (wide)
                {
                    c81 = Vector512.MultiplyAddEstimate(a, b1, c81);
                }
            }

            if (TRows.Count > 9)
            {
                Vector512<float> a = Vector512.Create(*a9);
                c90 = Vector512.MultiplyAddEstimate(a, b0, c90);
                if (wide)
                {
                    c91 = Vector512.MultiplyAddEstimate(a, b1, c91);
                }
            }

            if (TRows.Count > 10)
            {
                Vector512<float> a = Vector512.Create(a9[lda]);
                c100 = Vector512.MultiplyAddEstimate(a, b0, c100);
                if (wide)
                {
                    c101 = Vector512.MultiplyAddEstimate(a, b1, c101);
                }
            }

            if (TRows.Count > 11)
            {
                Vector512<float> a = Vector512.Create(a9[2 * lda]);
                c110 = Vector512.MultiplyAddEstimate(a, b0, c110);
                if (wide)
                {
                    c111 = Vector512.MultiplyAddEstimate(a, b1, c111);
                }
            }

            a0++;
            if (TRows.Count > 3)
            {
                a3++;
            }

            if (TRows.Count > 6)
            {
                a6++;
            }

            if (TRows.Count > 9)
            {
                a9++;
            }
        }

        float* c = tile->C;
        nint ldc = tile->CStride;
        if (TRows.Count > 0)
        {
            Store(tile, c + 0 * ldc, 0 * ldc, c00, c01, wide);
        }

        if (TRows.Count > 1)
        {
            Store(tile, c + 1 * ldc, 1 * ldc, c10, c11, wide);
        }

        if (TRows.Count > 2)
        {
            Store(tile, c + 2 * ldc, 2 * ldc, c20, c21, wide);
        }

        if (TRows.Count > 3)
        {
            Store(tile, c + 3 * ldc, 3 * ldc, c30, c31, wide);
        }

        if (TRows.Count > 4)
        {
            Store(tile, c + 4 * ldc, 4 * ldc, c40, c41, wide);
        }

        if (TRows.Count > 5)
        {
            Store(tile, c + 5 * ldc, 5 * ldc, c50, c51, wide);
        }

        if (TRows.Count > 6)
        {
            Store(tile, c + 6 * ldc, 6 * ldc, c60, c61, wide);
        }

        if (TRows.Count > 7)
        {
            Store(tile, c + 7 * ldc, 7 * ldc, c70, c71, wide);
        }

        if (TRows.Count > 8)
        {
            Store(tile, c + 8 * ldc, 8 * ldc, c80, c81, wide);
        }

        if (TRows.Count > 9)
        {
            Store(tile, c + 9 * ldc, 9 * ldc, c90, c91, wide);
        }

        if (TRows.Count > 10)
        {
            Store(tile, c + 10 * ldc, 10 * ldc, c100, c101, wide);
        }

        if (TRows.Count > 11)
        {
            Store(tile, c + 11 * ldc, 11 * ldc, c110, c111, wide);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(MicroTile* tile, float* c, nint offset, Vector512<float> c0, Vector512<float> c1, bool wide)
    {
        MicroFlags flags = tile->Flags;
        if ((flags & MicroFlags.Accumulate) != MicroFlags.None)
        {
            c0 += Vector512.Load(c);
            if (wide)
            {
                c1 += Vector512.Load(c + Lanes);
            }
        }

        if ((flags & MicroFlags.Bias) != MicroFlags.None)
        {
            c0 += Vector512.Load(tile->Bias);
            if (wide)
            {
                c1 += Vector512.Load(tile->Bias + Lanes);
            }
        }

        if ((flags & MicroFlags.Residual) != MicroFlags.None)
        {
            c0 += Vector512.Load(tile->Residual + offset);
            if (wide)
            {
                c1 += Vector512.Load(tile->Residual + offset + Lanes);
            }
        }

        if ((flags & MicroFlags.Clamp) != MicroFlags.None)
        {
            // The second operand of the machine's minimum and maximum is the answer for NaN: NaN stays.
            Vector512<float> low = Vector512.Create(tile->Low);
            Vector512<float> high = Vector512.Create(tile->High);
            c0 = Vector512.MinNative(high, Vector512.MaxNative(low, c0));
            if (wide)
            {
                c1 = Vector512.MinNative(high, Vector512.MaxNative(low, c1));
            }
        }

        c0.Store(c);
        if (wide)
        {
            c1.Store(c + Lanes);
        }
    }
}
