using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>
/// Maximum and average over windows of NHWC images, float32. The average divides by the elements inside the image. The maximum ignores
/// NaN and starts at the lowest finite number. Source of the meaning: tensorflow/core/kernels/maxpooling_op.cc, avgpooling_op.cc.
/// </summary>
public static unsafe class Pool2D
{
    private const long TileElements = 32 * 1024;

    /// <param name="input">[batch, input height, input width, channels].</param>
    /// <param name="geometry">Sizes.</param>
    /// <param name="output">[batch, output height, output width, channels]; no overlap with the input.</param>
    public static void Max(float* input, in WindowGeometry geometry, float* output) => Run(input, geometry, output, maximum: true);

    /// <param name="input">[batch, input height, input width, channels].</param>
    /// <param name="geometry">Sizes.</param>
    /// <param name="output">[batch, output height, output width, channels]; no overlap with the input.</param>
    public static void Average(float* input, in WindowGeometry geometry, float* output) => Run(input, geometry, output, maximum: false);

    private static void Run(float* input, in WindowGeometry geometry, float* output, bool maximum)
    {
        if (geometry.OutputPixels == 0 || geometry.OutputChannels == 0)
        {
            return;
        }

        long rowWork = Math.Max(1, (long)geometry.OutputWidth * geometry.OutputChannels * geometry.KernelHeight * geometry.KernelWidth);
        fixed (WindowGeometry* g = &geometry)
        {
            WorkerPool.Current.ForRange(
                (long)geometry.Batch * geometry.OutputHeight,
                Math.Max(1, TileElements / rowWork),
                new RowsBody { Input = input, Geometry = g, Output = output, Maximum = maximum });
        }
    }

    private struct RowsBody : IRangeBody
    {
        public float* Input;
        public WindowGeometry* Geometry;
        public float* Output;
        public bool Maximum;

        public readonly void Run(long start, long end)
        {
            for (long row = start; row < end; row++)
            {
                switch (Simd.Level)
                {
                    case SimdLevel.Avx512 when Geometry->InputChannels >= 16:
                        Row<Float512>(row);
                        break;
                    case >= SimdLevel.Avx2 when Geometry->InputChannels >= 8:
                        Row<Float256>(row);
                        break;
                    case >= SimdLevel.Sse when Geometry->InputChannels >= 4:
                        Row<Float128>(row);
                        break;
                    default:
                        Row<Float32>(row);
                        break;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Row<TV>(long row)
            where TV : struct, IFloatVector<TV>
        {
            WindowGeometry* g = Geometry;
            nint channels = g->InputChannels;
            int y = (int)(row % g->OutputHeight);
            int top = y * g->StrideHeight - g->PadTop;
            nint rowStep = (nint)g->DilationHeight * g->InputWidth * channels;
            nint columnStep = g->DilationWidth * channels;
            WindowGeometry.Clip(top, g->DilationHeight, g->KernelHeight, g->InputHeight, out int firstRow, out int endRow);
            float* image = Input + (nint)(row / g->OutputHeight) * g->InputHeight * g->InputWidth * channels;
            float* target = Output + (nint)row * g->OutputWidth * channels;
            for (int x = 0; x < g->OutputWidth; x++, target += channels)
            {
                int left = x * g->StrideWidth - g->PadLeft;
                WindowGeometry.Clip(left, g->DilationWidth, g->KernelWidth, g->InputWidth, out int firstColumn, out int endColumn);
                float* corner = image + ((nint)top * g->InputWidth + left) * channels;
                TV count = TV.Create((endRow - firstRow) * (endColumn - firstColumn));
                for (nint block = 0; block < channels; block += TV.Count)
                {
                    nint c = Math.Min(block, channels - TV.Count);
                    TV sum = TV.Create(Maximum ? float.MinValue : 0f);
                    for (int ky = firstRow; ky < endRow; ky++)
                    {
                        float* p = corner + ky * rowStep + c;
                        for (int kx = firstColumn; kx < endColumn; kx++)
                        {
                            TV value = TV.Load(p + kx * columnStep);
                            sum = Maximum ? TV.Max(value, sum) : sum + value;
                        }
                    }

                    TV.Store(Maximum ? sum : sum / count, target + c);
                }
            }
        }
    }
}
