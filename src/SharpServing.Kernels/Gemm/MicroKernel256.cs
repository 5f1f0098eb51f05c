using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static SharpServing.Kernels.RowCounts;

namespace SharpServing.Kernels;

/// <summary>
/// AVX2: 12 accumulators of 16 registers.
/// c[r, j] = sum over k of a[r, k] * b[k, j] for up to 6 rows and 16 columns (or 8); all sums stay in registers. One source for every
/// row count: the type parameters are constants to the compiler, rows above the count disappear.
/// </summary>
internal static unsafe class MicroKernel256
{
    /// <summary>Most rows of a tile.</summary>
    public const int MaxRows = 6;

    private const int Lanes = 8;

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
    ];

    private static readonly delegate*<MicroTile*, void>[] Narrow =
    [
        &Run<Rows1, Rows1>,
        &Run<Rows2, Rows1>,
        &Run<Rows3, Rows1>,
        &Run<Rows4, Rows1>,
        &Run<Rows5, Rows1>,
        &Run<Rows6, Rows1>,
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
        Vector256<float> c00 = Vector256<float>.Zero, c01 = Vector256<float>.Zero;
        Vector256<float> c10 = Vector256<float>.Zero, c11 = Vector256<float>.Zero;
        Vector256<float> c20 = Vector256<float>.Zero, c21 = Vector256<float>.Zero;
        Vector256<float> c30 = Vector256<float>.Zero, c31 = Vector256<float>.Zero;
        Vector256<float> c40 = Vector256<float>.Zero, c41 = Vector256<float>.Zero;
        Vector256<float> c50 = Vector256<float>.Zero, c51 = Vector256<float>.Zero;
        Vector256<float> b1 = Vector256<float>.Zero;
        for (nint k = tile->Depth; k > 0; k--)
        {
            Vector256<float> b0 = Vector256.Load(b);
            if (wide)
            {
                b1 = Vector256.Load(b + Lanes);
            }

            b += ldb;
            if (TRows.Count > 0)
            {
                Vector256<float> a = Vector256.Create(*a0);
                c00 = Vector256.MultiplyAddEstimate(a, b0, c00);
                if (wide)
                {
                    c01 = Vector256.MultiplyAddEstimate(a, b1, c01);
                }
            }

            if (TRows.Count > 1)
            {
                Vector256<float> a = Vector256.Create(a0[lda]);
                c10 = Vector256.MultiplyAddEstimate(a, b0, c10);
                if (wide)
                {
                    c11 = Vector256.MultiplyAddEstimate(a, b1, c11);
                }
            }

            if (TRows.Count > 2)
            {
                Vector256<float> a = Vector256.Create(a0[2 * lda]);
                c20 = Vector256.MultiplyAddEstimate(a, b0, c20);
                if (wide)
                {
                    c21 = Vector256.MultiplyAddEstimate(a, b1, c21);
                }
            }

            if (TRows.Count > 3)
            {
                Vector256<float> a = Vector256.Create(*a3);
                c30 = Vector256.MultiplyAddEstimate(a, b0, c30);
                if (wide)
                {
                    c31 = Vector256.MultiplyAddEstimate(a, b1, c31);
                }
            }

            if (TRows.Count > 4)
            {
                Vector256<float> a = Vector256.Create(a3[lda]);
                c40 = Vector256.MultiplyAddEstimate(a, b0, c40);
                if (wide)
                {
                    c41 = Vector256.MultiplyAddEstimate(a, b1, c41);
                }
            }

            if (TRows.Count > 5)
            {
                Vector256<float> a = Vector256.Create(a3[2 * lda]);
                c50 = Vector256.MultiplyAddEstimate(a, b0, c50);
                if (wide)
                {
                    c51 = Vector256.MultiplyAddEstimate(a, b1, c51);
                }
            }

            a0++;
            if (TRows.Count > 3)
            {
                a3++;
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
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(MicroTile* tile, float* c, nint offset, Vector256<float> c0, Vector256<float> c1, bool wide)
    {
        MicroFlags flags = tile->Flags;
        if ((flags & MicroFlags.Accumulate) != MicroFlags.None)
        {
            c0 += Vector256.Load(c);
            if (wide)
            {
                c1 += Vector256.Load(c + Lanes);
            }
        }

        if ((flags & MicroFlags.Bias) != MicroFlags.None)
        {
            c0 += Vector256.Load(tile->Bias);
            if (wide)
            {
                c1 += Vector256.Load(tile->Bias + Lanes);
            }
        }

        if ((flags & MicroFlags.Residual) != MicroFlags.None)
        {
            c0 += Vector256.Load(tile->Residual + offset);
            if (wide)
            {
                c1 += Vector256.Load(tile->Residual + offset + Lanes);
            }
        }

        if ((flags & MicroFlags.Clamp) != MicroFlags.None)
        {
            // The second operand of the machine's minimum and maximum is the answer for NaN: NaN stays.
            Vector256<float> low = Vector256.Create(tile->Low);
            Vector256<float> high = Vector256.Create(tile->High);
            c0 = Vector256.MinNative(high, Vector256.MaxNative(low, c0));
            if (wide)
            {
                c1 = Vector256.MinNative(high, Vector256.MaxNative(low, c1));
            }
        }

        c0.Store(c);
        if (wide)
        {
            c1.Store(c + Lanes);
        }
    }
}
