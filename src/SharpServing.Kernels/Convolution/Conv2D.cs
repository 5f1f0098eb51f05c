using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>
/// Convolution of NHWC images with a packed HWIO filter, in float32: output = activation(convolution + bias + residual). A matrix
/// product whose left rows (the patches) are copied together for some hundred output pixels at a time; a 1x1 kernel of stride 1 is a
/// plain product. Source of the meaning: tensorflow/core/kernels/conv_ops.cc.
/// </summary>
public static unsafe class Conv2D
{
    /// <summary>Patches of one block: 512 KiB, half of a second level cache.</summary>
    private const int PatchFloats = 128 * 1024;

    /// <summary>Pixels of a block at least: each use of a weight costs a load of it per block.</summary>
    private const int MinimumPixels = 64;

    /// <summary>Multiply-adds of one parallel tile.</summary>
    private const long TileWork = 2_000_000;

    /// <param name="input">[batch, input height, input width, input channels].</param>
    /// <param name="geometry">Sizes.</param>
    /// <param name="filter">The filter, with its groups.</param>
    /// <param name="output">[batch, output height, output width, output channels]; no overlap with the input.</param>
    /// <param name="epilogue">Bias per output channel; residual of the output's layout.</param>
    public static void Run(float* input, in WindowGeometry geometry, PackedFilter filter, float* output, in Epilogue epilogue = default)
    {
        long pixels = geometry.OutputPixels;
        if (pixels == 0 || geometry.OutputChannels == 0)
        {
            return;
        }

        if (geometry.IsPointwise && filter.Groups == 1)
        {
            Gemm.Run(
                input, geometry.InputChannels, false, checked((int)pixels), filter[0], output, geometry.OutputChannels, epilogue);
            return;
        }

        if (DirectConvolution.Suits(geometry, filter))
        {
            long rowWork = (long)geometry.OutputWidth * filter[0].Rows * filter[0].Columns;
            fixed (WindowGeometry* g = &geometry)
            {
                WorkerPool.Current.ForRange(
                    (long)geometry.Batch * geometry.OutputHeight,
                    Math.Max(1, TileWork / Math.Max(1, rowWork)),
                    new DirectConvolution { Input = input, Geometry = g, Filter = filter[0].Data, Output = output, Epilogue = epilogue });
            }

            return;
        }

        PackedMatrix first = filter[0];
        int depth = Math.Max(first.Rows, 1);
        int block = (int)Math.Min(pixels, Math.Max(MinimumPixels, PatchFloats / depth));
        int panels = PackedMatrix.PanelCount(first.Columns);
        int degree = WorkerPool.Current.AvailableDegree;
        long work = pixels * first.Rows * first.Columns;
        int panelTiles = 1;
        if (degree > 1 && work * filter.Groups >= 2 * TileWork)
        {
            long wanted = Math.Min(work * filter.Groups / TileWork, degree * 4L);
            long perGroup = (wanted + filter.Groups - 1) / filter.Groups;
            block = (int)Math.Clamp(pixels / perGroup, Math.Min(block, MinimumPixels), block);
            long blockCount = (pixels + block - 1) / block;
            panelTiles = (int)Math.Clamp(perGroup / blockCount, 1, Math.Max(1, panels / 2));
        }

        int blocks = (int)((pixels + block - 1) / block);
        block = (int)((pixels + blocks - 1) / blocks);
        fixed (WindowGeometry* g = &geometry)
        {
            var body = new ConvolutionBody
            {
                Input = input,
                Geometry = g,
                Output = output,
                Epilogue = epilogue,
                Block = block,
                Blocks = blocks,
                PanelTiles = panelTiles,
                Panels = panels,
                Depth = first.Rows,
                GroupOutputs = first.Columns,
                Pixels = pixels,
            };
            for (int group = 0; group < filter.Groups; group++)
            {
                body.Group = group;
                body.Filter = filter[group].Data;
                WorkerPool.Current.For(blocks * panelTiles, body);
            }
        }
    }

    private struct ConvolutionBody : IParallelBody
    {
        public float* Input;
        public WindowGeometry* Geometry;
        public float* Filter;
        public float* Output;
        public Epilogue Epilogue;
        public long Pixels;
        public int Block;
        public int Blocks;
        public int PanelTiles;
        public int Panels;
        public int Depth;
        public int GroupOutputs;
        public int Group;

        public readonly void Run(int tile)
        {
            long firstPixel = (long)(tile % Blocks) * Block;
            int panelTile = tile / Blocks;
            int rows = (int)Math.Min(Block, Pixels - firstPixel);
            nint column = (nint)Group * GroupOutputs;
            nint outputs = Geometry->OutputChannels;
            nint offset = (nint)firstPixel * outputs + column;
            int channels = Depth / (Geometry->KernelHeight * Geometry->KernelWidth);
            TensorBuffer patches = TensorAllocator.Shared.Allocate((long)rows * Depth * sizeof(float));
            try
            {
                PatchCopy.Run(Input + (nint)Group * channels, *Geometry, channels, firstPixel, rows, (float*)patches.Address);
                Epilogue epilogue = Epilogue;
                epilogue.Bias = epilogue.Bias == null ? null : epilogue.Bias + column;
                epilogue.Residual = epilogue.Residual == null ? null : epilogue.Residual + offset;
                var problem = new GemmProblem
                {
                    M = rows,
                    N = GroupOutputs,
                    K = Depth,
                    A = (float*)patches.Address,
                    AStride = Depth,
                    B = Filter,
                    BLayout = GemmLayout.Packed,
                    C = Output + offset,
                    CStride = outputs,
                    Epilogue = epilogue,
                };
                GemmLoop.Run(
                    problem, 0, rows, (int)((long)Panels * panelTile / PanelTiles), (int)((long)Panels * (panelTile + 1) / PanelTiles));
            }
            finally
            {
                patches.Release();
            }
        }
    }
}
