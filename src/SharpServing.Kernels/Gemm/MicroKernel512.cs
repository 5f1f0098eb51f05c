using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static SharpServing.Kernels.RowCounts;
using static SharpServing.Kernels.TileShapes;

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

    private static readonly delegate*<MicroTile*, void>[] WideKernels =
    [
        &Run<Rows1, Wide>,
        &Run<Rows2, Wide>,
        &Run<Rows3, Wide>,
        &Run<Rows4, Wide>,
        &Run<Rows5, Wide>,
        &Run<Rows6, Wide>,
        &Run<Rows7, Wide>,
        &Run<Rows8, Wide>,
        &Run<Rows9, Wide>,
        &Run<Rows10, Wide>,
        &Run<Rows11, Wide>,
        &Run<Rows12, Wide>,
    ];

    private static readonly delegate*<MicroTile*, void>[] NarrowKernels =
    [
        &Run<Rows1, Narrow>,
        &Run<Rows2, Narrow>,
        &Run<Rows3, Narrow>,
        &Run<Rows4, Narrow>,
        &Run<Rows5, Narrow>,
        &Run<Rows6, Narrow>,
        &Run<Rows7, Narrow>,
        &Run<Rows8, Narrow>,
        &Run<Rows9, Narrow>,
        &Run<Rows10, Narrow>,
        &Run<Rows11, Narrow>,
        &Run<Rows12, Narrow>,
    ];

    private static readonly delegate*<MicroTile*, void>[] WideMaskedKernels =
    [
        &Run<Rows1, WideMasked>,
        &Run<Rows2, WideMasked>,
        &Run<Rows3, WideMasked>,
        &Run<Rows4, WideMasked>,
        &Run<Rows5, WideMasked>,
        &Run<Rows6, WideMasked>,
        &Run<Rows7, WideMasked>,
        &Run<Rows8, WideMasked>,
        &Run<Rows9, WideMasked>,
        &Run<Rows10, WideMasked>,
        &Run<Rows11, WideMasked>,
        &Run<Rows12, WideMasked>,
    ];

    private static readonly delegate*<MicroTile*, void>[] NarrowMaskedKernels =
    [
        &Run<Rows1, NarrowMasked>,
        &Run<Rows2, NarrowMasked>,
        &Run<Rows3, NarrowMasked>,
        &Run<Rows4, NarrowMasked>,
        &Run<Rows5, NarrowMasked>,
        &Run<Rows6, NarrowMasked>,
        &Run<Rows7, NarrowMasked>,
        &Run<Rows8, NarrowMasked>,
        &Run<Rows9, NarrowMasked>,
        &Run<Rows10, NarrowMasked>,
        &Run<Rows11, NarrowMasked>,
        &Run<Rows12, NarrowMasked>,
    ];

    /// <param name="tile">The tile; <see cref="MicroTile.Columns"/> is 1 to 32.</param>
    /// <param name="rows">1 to <see cref="MaxRows"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(MicroTile* tile, int rows)
    {
        int columns = tile->Columns;
        (columns == Columns ? WideKernels :
         columns == Lanes ? NarrowKernels :
         columns > Lanes ? WideMaskedKernels :
         NarrowMaskedKernels)[rows - 1](tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TRows, TShape>(MicroTile* tile)
        where TRows : struct, IRowCount
        where TShape : struct, ITileShape
    {
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
        nint segments = tile->Segments;
        while (true)
        {
            for (nint k = tile->Depth; k > 0; k--)
            {
                Vector512<float> b0 = Vector512.Load(b);
                if (TShape.Wide)
                {
                    b1 = Vector512.Load(b + Lanes);
                }

                b += ldb;
                if (TRows.Count > 0)
                {
                    Vector512<float> a = Vector512.Create(*a0);
                    c00 = Vector512.MultiplyAddEstimate(a, b0, c00);
                    if (TShape.Wide)
                    {
                        c01 = Vector512.MultiplyAddEstimate(a, b1, c01);
                    }
                }

                if (TRows.Count > 1)
                {
                    Vector512<float> a = Vector512.Create(a0[lda]);
                    c10 = Vector512.MultiplyAddEstimate(a, b0, c10);
                    if (TShape.Wide)
                    {
                        c11 = Vector512.MultiplyAddEstimate(a, b1, c11);
                    }
                }

                if (TRows.Count > 2)
                {
                    Vector512<float> a = Vector512.Create(a0[2 * lda]);
                    c20 = Vector512.MultiplyAddEstimate(a, b0, c20);
                    if (TShape.Wide)
                    {
                        c21 = Vector512.MultiplyAddEstimate(a, b1, c21);
                    }
                }

                if (TRows.Count > 3)
                {
                    Vector512<float> a = Vector512.Create(*a3);
                    c30 = Vector512.MultiplyAddEstimate(a, b0, c30);
                    if (TShape.Wide)
                    {
                        c31 = Vector512.MultiplyAddEstimate(a, b1, c31);
                    }
                }

                if (TRows.Count > 4)
                {
                    Vector512<float> a = Vector512.Create(a3[lda]);
                    c40 = Vector512.MultiplyAddEstimate(a, b0, c40);
                    if (TShape.Wide)
                    {
                        c41 = Vector512.MultiplyAddEstimate(a, b1, c41);
                    }
                }

                if (TRows.Count > 5)
                {
                    Vector512<float> a = Vector512.Create(a3[2 * lda]);
                    c50 = Vector512.MultiplyAddEstimate(a, b0, c50);
                    if (TShape.Wide)
                    {
                        c51 = Vector512.MultiplyAddEstimate(a, b1, c51);
                    }
                }

                if (TRows.Count > 6)
                {
                    Vector512<float> a = Vector512.Create(*a6);
                    c60 = Vector512.MultiplyAddEstimate(a, b0, c60);
                    if (TShape.Wide)
                    {
                        c61 = Vector512.MultiplyAddEstimate(a, b1, c61);
                    }
                }

                if (TRows.Count > 7)
                {
                    Vector512<float> a = Vector512.Create(a6[lda]);
                    c70 = Vector512.MultiplyAddEstimate(a, b0, c70);
                    if (TShape.Wide)
                    {
                        c71 = Vector512.MultiplyAddEstimate(a, b1, c71);
                    }
                }

                if (TRows.Count > 8)
                {
                    Vector512<float> a = Vector512.Create(a6[2 * lda]);
                    c80 = Vector512.MultiplyAddEstimate(a, b0, c80);
                    if (TShape.Wide)
                    {
                        c81 = Vector512.MultiplyAddEstimate(a, b1, c81);
                    }
                }

                if (TRows.Count > 9)
                {
                    Vector512<float> a = Vector512.Create(*a9);
                    c90 = Vector512.MultiplyAddEstimate(a, b0, c90);
                    if (TShape.Wide)
                    {
                        c91 = Vector512.MultiplyAddEstimate(a, b1, c91);
                    }
                }

                if (TRows.Count > 10)
                {
                    Vector512<float> a = Vector512.Create(a9[lda]);
                    c100 = Vector512.MultiplyAddEstimate(a, b0, c100);
                    if (TShape.Wide)
                    {
                        c101 = Vector512.MultiplyAddEstimate(a, b1, c101);
                    }
                }

                if (TRows.Count > 11)
                {
                    Vector512<float> a = Vector512.Create(a9[2 * lda]);
                    c110 = Vector512.MultiplyAddEstimate(a, b0, c110);
                    if (TShape.Wide)
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

            if (--segments <= 0)
            {
                break;
            }

            nint step = tile->ASegmentStep;
            a0 += step;
            a3 += step;
            a6 += step;
            a9 += step;
        }

        float* c = tile->C;
        nint ldc = tile->CStride;
        if (TRows.Count > 0)
        {
            Store<TShape>(tile, c + 0 * ldc, 0 * ldc, c00, c01);
        }

        if (TRows.Count > 1)
        {
            Store<TShape>(tile, c + 1 * ldc, 1 * ldc, c10, c11);
        }

        if (TRows.Count > 2)
        {
            Store<TShape>(tile, c + 2 * ldc, 2 * ldc, c20, c21);
        }

        if (TRows.Count > 3)
        {
            Store<TShape>(tile, c + 3 * ldc, 3 * ldc, c30, c31);
        }

        if (TRows.Count > 4)
        {
            Store<TShape>(tile, c + 4 * ldc, 4 * ldc, c40, c41);
        }

        if (TRows.Count > 5)
        {
            Store<TShape>(tile, c + 5 * ldc, 5 * ldc, c50, c51);
        }

        if (TRows.Count > 6)
        {
            Store<TShape>(tile, c + 6 * ldc, 6 * ldc, c60, c61);
        }

        if (TRows.Count > 7)
        {
            Store<TShape>(tile, c + 7 * ldc, 7 * ldc, c70, c71);
        }

        if (TRows.Count > 8)
        {
            Store<TShape>(tile, c + 8 * ldc, 8 * ldc, c80, c81);
        }

        if (TRows.Count > 9)
        {
            Store<TShape>(tile, c + 9 * ldc, 9 * ldc, c90, c91);
        }

        if (TRows.Count > 10)
        {
            Store<TShape>(tile, c + 10 * ldc, 10 * ldc, c100, c101);
        }

        if (TRows.Count > 11)
        {
            Store<TShape>(tile, c + 11 * ldc, 11 * ldc, c110, c111);
        }
    }

    /// <summary>Finishes one row and stores it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store<TShape>(MicroTile* tile, float* c, nint offset, Vector512<float> c0, Vector512<float> c1)
        where TShape : struct, ITileShape
    {
        MicroFlags flags = tile->Flags;
        if ((flags & MicroFlags.Accumulate) != MicroFlags.None)
        {
            c0 += LoadFirst<TShape>(tile, c);
            c1 += LoadSecond<TShape>(tile, c);
        }

        if ((flags & MicroFlags.Bias) != MicroFlags.None)
        {
            c0 += LoadFirst<TShape>(tile, tile->Bias);
            c1 += LoadSecond<TShape>(tile, tile->Bias);
        }

        if ((flags & MicroFlags.Residual) != MicroFlags.None)
        {
            c0 += LoadFirst<TShape>(tile, tile->Residual + offset);
            c1 += LoadSecond<TShape>(tile, tile->Residual + offset);
        }

        if ((flags & MicroFlags.Clamp) != MicroFlags.None)
        {
            // The second operand of the machine's minimum and maximum is the answer for NaN: NaN stays.
            Vector512<float> low = Vector512.Create(tile->Low);
            Vector512<float> high = Vector512.Create(tile->High);
            c0 = Vector512.MinNative(high, Vector512.MaxNative(low, c0));
            c1 = Vector512.MinNative(high, Vector512.MaxNative(low, c1));
        }

        if (TShape.Masked && !TShape.Wide)
        {
            Avx512F.MaskStore(c, tile->Mask, c0);
            return;
        }

        c0.Store(c);
        if (TShape.Masked)
        {
            Avx512F.MaskStore(c + Lanes, tile->Mask, c1);
        }
        else if (TShape.Wide)
        {
            c1.Store(c + Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> LoadFirst<TShape>(MicroTile* tile, float* p)
        where TShape : struct, ITileShape =>
        TShape.Masked && !TShape.Wide ? Avx512F.MaskLoad(p, tile->Mask, Vector512<float>.Zero) : Vector512.Load(p);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> LoadSecond<TShape>(MicroTile* tile, float* p)
        where TShape : struct, ITileShape =>
        !TShape.Wide ? Vector512<float>.Zero :
        TShape.Masked ? Avx512F.MaskLoad(p + Lanes, tile->Mask, Vector512<float>.Zero) :
        Vector512.Load(p + Lanes);
}
