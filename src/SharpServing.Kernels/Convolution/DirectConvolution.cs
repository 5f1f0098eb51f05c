using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>
/// Convolution with few weights (first layers, few channels): copying patches together would cost as much as the products. Pixels whose
/// kernel columns all fall on the image are read in place, one run of kernel width * channels per kernel row; only the others, at the
/// left and right border, are copied. Source of the meaning: as <see cref="Conv2D"/>.
/// </summary>
internal unsafe struct DirectConvolution : IRangeBody
{
    /// <summary>Weights that stay in the second level cache beside the image rows.</summary>
    private const int MaximumWeights = 40 * 1024;

    public float* Input;
    public WindowGeometry* Geometry;
    public float* Filter;
    public float* Output;
    public Epilogue Epilogue;

    public static bool Suits(in WindowGeometry geometry, PackedFilter filter) =>
        filter.Groups == 1 && geometry.DilationWidth == 1 && geometry.KernelWidth <= geometry.InputWidth &&
        (long)filter[0].Rows * filter[0].Columns <= MaximumWeights;

    /// <summary>Output rows, counted over the batch.</summary>
    public readonly void Run(long start, long end)
    {
        WindowGeometry* g = Geometry;
        int width = g->OutputWidth;
        int depth = g->KernelHeight * g->KernelWidth * g->InputChannels;
        int insideFirst = Math.Min(width, (g->PadLeft + g->StrideWidth - 1) / g->StrideWidth);
        int insideEnd = Math.Clamp((g->InputWidth - g->KernelWidth + g->PadLeft) / g->StrideWidth + 1, insideFirst, width);
        MicroTile tile = default;
        tile.CStride = g->OutputChannels;
        Activation after = GemmLoop.SetClamp(ref tile, Epilogue, out MicroFlags flags);
        tile.Flags = flags;
        int border = insideFirst + width - insideEnd;
        TensorBuffer? patches = border > 0 ? TensorAllocator.Shared.Allocate((long)border * depth * sizeof(float)) : null;
        try
        {
            if (insideFirst > 0)
            {
                Border(tile, (float*)patches!.Address, start * width, insideFirst, depth);
            }

            for (long row = start; row < end; row++)
            {
                Inside(tile, row, insideFirst, insideEnd);

                // The end of this row and the begin of the next lie side by side.
                int pixels = width - insideEnd + (row + 1 < end ? insideFirst : 0);
                if (pixels > 0)
                {
                    Border(tile, (float*)patches!.Address, row * width + insideEnd, pixels, depth);
                }
            }
        }
        finally
        {
            patches?.Release();
        }

        nint rowElements = (nint)width * g->OutputChannels;
        for (long row = start; row < end && after != Activation.None; row++)
        {
            ActivationKernel.Apply(after, Epilogue.Alpha, Output + (nint)row * rowElements, 1, (int)rowElements, rowElements);
        }
    }

    private readonly void Inside(MicroTile tile, long row, int first, int end)
    {
        WindowGeometry* g = Geometry;
        nint channels = g->InputChannels;
        nint rowStep = g->InputWidth * channels;
        int top = (int)(row % g->OutputHeight) * g->StrideHeight - g->PadTop;
        WindowGeometry.Clip(top, g->DilationHeight, g->KernelHeight, g->InputHeight, out int firstRow, out int endRow);
        float* source = Input + ((nint)(row / g->OutputHeight) * g->InputHeight + top + firstRow * g->DilationHeight) * rowStep
            - g->PadLeft * channels;
        tile.AStride = g->StrideWidth * channels;
        tile.Depth = firstRow == endRow ? 0 : g->KernelWidth * channels;
        tile.Segments = endRow - firstRow;
        tile.ASegmentStep = g->DilationHeight * rowStep - tile.Depth;
        nint skipped = firstRow * g->KernelWidth * channels;
        int maxRows = GemmLoop.MaxRows;
        int tiles = (end - first + maxRows - 1) / maxRows;
        int outputs = g->OutputChannels;
        nint depth = g->KernelHeight * g->KernelWidth * channels;
        for (int panel = 0; panel * PackedMatrix.PanelColumns < outputs; panel++)
        {
            nint column = (nint)panel * PackedMatrix.PanelColumns;
            int panelWidth = PackedMatrix.PanelWidth(panel, outputs);
            GemmLoop.SetColumns(ref tile, (int)Math.Min(PackedMatrix.PanelColumns, outputs - column));
            tile.B = Filter + column * depth + skipped * panelWidth;
            tile.BStride = panelWidth;
            tile.Bias = Epilogue.Bias + column;
            for (int t = 0; t < tiles; t++)
            {
                int x = first + (end - first) * t / tiles;
                int count = first + (end - first) * (t + 1) / tiles - x;
                nint offset = ((nint)row * g->OutputWidth + x) * outputs + column;
                tile.A = source + x * tile.AStride;
                tile.C = Output + offset;
                tile.Residual = Epilogue.Residual + offset;
                GemmLoop.RunTile(&tile, count);
            }
        }
    }

    private readonly void Border(MicroTile tile, float* patches, long firstPixel, int pixels, int depth)
    {
        PatchCopy.Run(Input, *Geometry, Geometry->InputChannels, firstPixel, pixels, patches);
        int outputs = Geometry->OutputChannels;
        tile.AStride = depth;
        tile.Depth = depth;
        tile.Segments = 1;
        int maxRows = GemmLoop.MaxRows;
        for (int panel = 0; panel * PackedMatrix.PanelColumns < outputs; panel++)
        {
            nint column = (nint)panel * PackedMatrix.PanelColumns;
            GemmLoop.SetColumns(ref tile, (int)Math.Min(PackedMatrix.PanelColumns, outputs - column));
            tile.B = Filter + column * depth;
            tile.BStride = PackedMatrix.PanelWidth(panel, outputs);
            tile.Bias = Epilogue.Bias + column;
            for (int pixel = 0; pixel < pixels; pixel += maxRows)
            {
                nint offset = ((nint)firstPixel + pixel) * outputs + column;
                tile.A = patches + (nint)pixel * depth;
                tile.C = Output + offset;
                tile.Residual = Epilogue.Residual + offset;
                GemmLoop.RunTile(&tile, Math.Min(maxRows, pixels - pixel));
            }
        }
    }
}
