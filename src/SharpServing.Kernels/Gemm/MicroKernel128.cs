using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static SharpServing.Kernels.RowCounts;
using static SharpServing.Kernels.TileShapes;

namespace SharpServing.Kernels;

/// <summary>
/// SSE or NEON: 12 accumulators of 16 registers.
/// c[r, j] = sum over k of a[r, k] * b[k, j] for up to 6 rows and 8 columns (or 4); all sums stay in registers. One source for every
/// row count: the type parameters are constants to the compiler, rows above the count disappear.
/// </summary>
internal static unsafe class MicroKernel128
{
    /// <summary>Most rows of a tile.</summary>
    public const int MaxRows = 6;

    private const int Lanes = 4;

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
    ];

    /// <param name="tile">The tile, <see cref="Columns"/> wide.</param>
    /// <param name="rows">1 to <see cref="MaxRows"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(MicroTile* tile, int rows) => WideKernels[rows - 1](tile);

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
        Vector128<float> c00 = Vector128<float>.Zero, c01 = Vector128<float>.Zero;
        Vector128<float> c10 = Vector128<float>.Zero, c11 = Vector128<float>.Zero;
        Vector128<float> c20 = Vector128<float>.Zero, c21 = Vector128<float>.Zero;
        Vector128<float> c30 = Vector128<float>.Zero, c31 = Vector128<float>.Zero;
        Vector128<float> c40 = Vector128<float>.Zero, c41 = Vector128<float>.Zero;
        Vector128<float> c50 = Vector128<float>.Zero, c51 = Vector128<float>.Zero;
        Vector128<float> b1 = Vector128<float>.Zero;
        nint segments = tile->Segments;
        while (true)
        {
            for (nint k = tile->Depth; k > 0; k--)
            {
                Vector128<float> b0 = Vector128.Load(b);
                if (TShape.Wide)
                {
                    b1 = Vector128.Load(b + Lanes);
                }

                b += ldb;
                if (TRows.Count > 0)
                {
                    Vector128<float> a = Vector128.Create(*a0);
                    c00 = Vector128.MultiplyAddEstimate(a, b0, c00);
                    if (TShape.Wide)
                    {
                        c01 = Vector128.MultiplyAddEstimate(a, b1, c01);
                    }
                }

                if (TRows.Count > 1)
                {
                    Vector128<float> a = Vector128.Create(a0[lda]);
                    c10 = Vector128.MultiplyAddEstimate(a, b0, c10);
                    if (TShape.Wide)
                    {
                        c11 = Vector128.MultiplyAddEstimate(a, b1, c11);
                    }
                }

                if (TRows.Count > 2)
                {
                    Vector128<float> a = Vector128.Create(a0[2 * lda]);
                    c20 = Vector128.MultiplyAddEstimate(a, b0, c20);
                    if (TShape.Wide)
                    {
                        c21 = Vector128.MultiplyAddEstimate(a, b1, c21);
                    }
                }

                if (TRows.Count > 3)
                {
                    Vector128<float> a = Vector128.Create(*a3);
                    c30 = Vector128.MultiplyAddEstimate(a, b0, c30);
                    if (TShape.Wide)
                    {
                        c31 = Vector128.MultiplyAddEstimate(a, b1, c31);
                    }
                }

                if (TRows.Count > 4)
                {
                    Vector128<float> a = Vector128.Create(a3[lda]);
                    c40 = Vector128.MultiplyAddEstimate(a, b0, c40);
                    if (TShape.Wide)
                    {
                        c41 = Vector128.MultiplyAddEstimate(a, b1, c41);
                    }
                }

                if (TRows.Count > 5)
                {
                    Vector128<float> a = Vector128.Create(a3[2 * lda]);
                    c50 = Vector128.MultiplyAddEstimate(a, b0, c50);
                    if (TShape.Wide)
                    {
                        c51 = Vector128.MultiplyAddEstimate(a, b1, c51);
                    }
                }

                a0++;
                if (TRows.Count > 3)
                {
                    a3++;
                }
            }

            if (--segments <= 0)
            {
                break;
            }

            nint step = tile->ASegmentStep;
            a0 += step;
            a3 += step;
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
    }

    /// <summary>Finishes one row and stores it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store<TShape>(MicroTile* tile, float* c, nint offset, Vector128<float> c0, Vector128<float> c1)
        where TShape : struct, ITileShape
    {
        MicroFlags flags = tile->Flags;
        if ((flags & MicroFlags.Accumulate) != MicroFlags.None)
        {
            c0 += LoadFirst(c);
            c1 += LoadSecond<TShape>(c);
        }

        if ((flags & MicroFlags.Bias) != MicroFlags.None)
        {
            c0 += LoadFirst(tile->Bias);
            c1 += LoadSecond<TShape>(tile->Bias);
        }

        if ((flags & MicroFlags.Residual) != MicroFlags.None)
        {
            c0 += LoadFirst(tile->Residual + offset);
            c1 += LoadSecond<TShape>(tile->Residual + offset);
        }

        if ((flags & MicroFlags.Clamp) != MicroFlags.None)
        {
            // The second operand of the machine's minimum and maximum is the answer for NaN: NaN stays.
            Vector128<float> low = Vector128.Create(tile->Low);
            Vector128<float> high = Vector128.Create(tile->High);
            c0 = Vector128.MinNative(high, Vector128.MaxNative(low, c0));
            c1 = Vector128.MinNative(high, Vector128.MaxNative(low, c1));
        }

        c0.Store(c);
        if (TShape.Wide)
        {
            c1.Store(c + Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> LoadFirst(float* p) => Vector128.Load(p);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> LoadSecond<TShape>(float* p)
        where TShape : struct, ITileShape => TShape.Wide ? Vector128.Load(p + Lanes) : Vector128<float>.Zero;
}
