using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>
/// The blocked loops around the kernels: rows in blocks whose slice of A stays in the second level cache, panels of 32 columns in
/// groups, depth in slices whose part of one panel stays in the first level cache while all rows of the block pass over it.
/// </summary>
internal static unsafe class GemmLoop
{
    /// <summary>Depth of a slice: 256 * 32 floats of B are 32 KiB.</summary>
    internal const int DepthBlock = 256;

    /// <summary>Rows of a block: 252 * 256 floats of A are 252 KiB.</summary>
    internal const int RowBlock = 252;

    /// <summary>Panels that share a slice of A.</summary>
    private const int PanelGroup = 4;

    /// <summary>From this many rows on an unpacked B is packed slice by slice: the copy is small against its use.</summary>
    private const int PackSliceRows = 24;

    /// <summary>Rows [<paramref name="rowStart"/>, <paramref name="rowEnd"/>) of panels [<paramref name="panelStart"/>, <paramref name="panelEnd"/>).</summary>
    public static void Run(in GemmProblem problem, int rowStart, int rowEnd, int panelStart, int panelEnd)
    {
        MicroTile tile = default;
        tile.AStride = problem.AStride;
        tile.CStride = problem.CStride;
        tile.Segments = 1;
        Activation after = SetClamp(ref tile, problem.Epilogue, out MicroFlags lastFlags);
        int rows = rowEnd - rowStart;
        int k = problem.K;
        int depthBlock = rows <= MicroKernel512.MaxRows || k <= DepthBlock ? k : DivideEvenly(k, DepthBlock);
        int rowBlock = rows <= RowBlock ? rows : DivideEvenly(rows, RowBlock);
        int group = depthBlock == k ? 1 : PanelGroup;
        bool packSlices = problem.BLayout == GemmLayout.Transposed || (problem.BLayout == GemmLayout.Plain && (problem.N < 16 || rows >= PackSliceRows));
        bool packLast = problem.BLayout == GemmLayout.Plain && problem.N % PackedMatrix.NarrowColumns != 0;
        TensorBuffer? scratch = packSlices || packLast
            ? TensorAllocator.Shared.Allocate((long)Math.Max(depthBlock, 1) * PackedMatrix.PanelColumns * sizeof(float))
            : null;
        float* slice = scratch is null ? null : (float*)scratch.Address;
        try
        {
            for (int r = rowStart; r < rowEnd; r += rowBlock)
            {
                int blockRows = Math.Min(rowBlock, rowEnd - r);
                for (int g = panelStart; g < panelEnd; g += group)
                {
                    int groupEnd = Math.Min(g + group, panelEnd);
                    int d = 0;
                    do
                    {
                        int depth = Math.Min(depthBlock, k - d);
                        bool last = d + depth == k;
                        tile.Depth = depth;
                        MicroFlags flags = (d > 0 ? MicroFlags.Accumulate : MicroFlags.None) | (last ? lastFlags : MicroFlags.None);
                        for (int p = g; p < groupEnd; p++)
                        {
                            int columns = Math.Min(PackedMatrix.PanelColumns, problem.N - p * PackedMatrix.PanelColumns);
                            int width = PackedMatrix.PanelWidth(p, problem.N);
                            SetColumns(ref tile, columns);
                            SetPanel(problem, ref tile, p, d, depth, columns, width, packSlices, slice);
                            RunPanel(problem, &tile, flags, r, blockRows, p * PackedMatrix.PanelColumns, d);
                            if (last && after != Activation.None)
                            {
                                ActivationKernel.Apply(
                                    after,
                                    problem.Epilogue.Alpha,
                                    problem.C + (nint)r * problem.CStride + p * PackedMatrix.PanelColumns,
                                    blockRows,
                                    columns,
                                    problem.CStride);
                            }
                        }

                        d += depth;
                    }
                    while (d < k);
                }
            }
        }
        finally
        {
            scratch?.Release();
        }
    }

    /// <summary>The block size at most <paramref name="block"/> that cuts <paramref name="size"/> into equal parts.</summary>
    private static int DivideEvenly(int size, int block)
    {
        int parts = (size + block - 1) / block;
        return (size + parts - 1) / parts;
    }

    private static void SetPanel(
        in GemmProblem problem, ref MicroTile tile, int panel, int d, int depth, int columns, int width, bool packSlices, float* slice)
    {
        nint first = (nint)panel * PackedMatrix.PanelColumns;
        if (problem.BLayout == GemmLayout.Packed)
        {
            tile.B = problem.B + first * problem.K + (nint)d * width;
            tile.BStride = width;
            return;
        }

        float* source = problem.BLayout == GemmLayout.Transposed
            ? problem.B + first * problem.BStride + d
            : problem.B + d * problem.BStride + first;
        if (packSlices || columns < width)
        {
            PackedMatrix.PackPanel(source, problem.BStride, problem.BLayout == GemmLayout.Transposed, depth, columns, slice, width);
            tile.B = slice;
            tile.BStride = width;
        }
        else
        {
            tile.B = source;
            tile.BStride = problem.BStride;
        }
    }

    /// <summary>What the kernels do of an epilogue; the activation that is left for afterwards is returned.</summary>
    public static Activation SetClamp(ref MicroTile tile, in Epilogue epilogue, out MicroFlags flags)
    {
        flags = (epilogue.Bias != null ? MicroFlags.Bias : MicroFlags.None) | (epilogue.Residual != null ? MicroFlags.Residual : MicroFlags.None);
        tile.Low = 0;
        tile.High = epilogue.Activation == Activation.Relu6 ? 6 : float.PositiveInfinity;
        if (epilogue.Activation is Activation.Relu or Activation.Relu6)
        {
            flags |= MicroFlags.Clamp;
            return Activation.None;
        }

        return epilogue.Activation;
    }

    /// <summary>Sets how many columns of the panel count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetColumns(ref MicroTile tile, int columns)
    {
        tile.Columns = columns;
        if (Simd.Level == SimdLevel.Avx512)
        {
            Vector512<int> lane = Vector512<int>.Indices;
            tile.Mask = Vector512.LessThan(lane, Vector512.Create(columns > 16 ? columns - 16 : columns)).AsSingle();
        }
    }

    /// <summary>Rows of the largest tile at the level in use.</summary>
    public static int MaxRows => Simd.Level switch
    {
        SimdLevel.Avx512 => MicroKernel512.MaxRows,
        SimdLevel.Avx2 => MicroKernel256.MaxRows,
        SimdLevel.Sse => MicroKernel128.MaxRows,
        _ => MicroKernelScalar.MaxRows,
    };

    /// <summary>One tile of up to <see cref="MaxRows"/> rows and <see cref="MicroTile.Columns"/> columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RunTile(MicroTile* tile, int rows)
    {
        if (rows == 1 && tile->Depth < ShortVectorKernel.DepthBelow && tile->Segments == 1)
        {
            ShortVectorKernel.Run(tile);
        }
        else if (Simd.Level == SimdLevel.Avx512)
        {
            if (rows <= 2 && tile->Columns == MicroKernel512.Columns && tile->Segments == 1)
            {
                if (rows == 1)
                {
                    FewRowsKernel512.Run1(tile);
                }
                else
                {
                    FewRowsKernel512.Run2(tile);
                }
            }
            else
            {
                MicroKernel512.Run(tile, rows);
            }
        }
        else
        {
            RunNarrowTiles(tile, rows);
        }
    }

    private static void RunPanel(in GemmProblem problem, MicroTile* tile, MicroFlags flags, int row, int rows, int column, int d)
    {
        int maxRows = MaxRows;
        int tiles = (rows + maxRows - 1) / maxRows;
        tile->Flags = flags;
        tile->Bias = problem.Epilogue.Bias + column;
        for (int t = 0; t < tiles; t++)
        {
            int start = row + (int)((long)rows * t / tiles);
            int count = row + (int)((long)rows * (t + 1) / tiles) - start;
            nint offset = start * problem.CStride + column;
            tile->A = problem.A + start * problem.AStride + d;
            tile->C = problem.C + offset;
            tile->Residual = problem.Epilogue.Residual + offset;
            RunTile(tile, count);
        }
    }

    /// <summary>Kernels whose tile has fewer columns than a panel; partial ones are computed beside C.</summary>
    private static void RunNarrowTiles(MicroTile* tile, int rows)
    {
        MicroTile part = *tile;
        int step = Simd.Level switch
        {
            SimdLevel.Avx2 => MicroKernel256.Columns,
            SimdLevel.Sse => MicroKernel128.Columns,
            _ => MicroKernelScalar.Columns,
        };
        float* beside = stackalloc float[MicroKernel256.MaxRows * MicroKernel256.Columns];
        for (int column = 0; column < tile->Columns; column += step)
        {
            bool partial = tile->Columns - column < step;
            part.B = tile->B + column;
            part.C = partial ? beside : tile->C + column;
            part.CStride = partial ? step : tile->CStride;
            part.Flags = partial ? MicroFlags.None : tile->Flags;
            part.Bias = tile->Bias + column;
            part.Residual = tile->Residual + column;
            switch (Simd.Level)
            {
                case SimdLevel.Avx2:
                    MicroKernel256.Run(&part, rows);
                    break;
                case SimdLevel.Sse:
                    MicroKernel128.Run(&part, rows);
                    break;
                default:
                    MicroKernelScalar.Run(&part);
                    break;
            }

            if (partial)
            {
                FinishPartial(tile, beside, step, rows, column);
            }
        }
    }

    private static void FinishPartial(MicroTile* tile, float* sums, int stride, int rows, int firstColumn)
    {
        MicroFlags flags = tile->Flags;
        for (int row = 0; row < rows; row++)
        {
            float* source = sums + row * stride;
            nint offset = row * tile->CStride;
            for (int column = firstColumn; column < tile->Columns; column++)
            {
                float value = *source++;
                if ((flags & MicroFlags.Accumulate) != MicroFlags.None)
                {
                    value += tile->C[offset + column];
                }

                if ((flags & MicroFlags.Bias) != MicroFlags.None)
                {
                    value += tile->Bias[column];
                }

                if ((flags & MicroFlags.Residual) != MicroFlags.None)
                {
                    value += tile->Residual[offset + column];
                }

                if ((flags & MicroFlags.Clamp) != MicroFlags.None)
                {
                    value = value < tile->Low ? tile->Low : value > tile->High ? tile->High : value;
                }

                tile->C[offset + column] = value;
            }
        }
    }
}
