using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>
/// Depthwise convolution of NHWC images in float32: each input channel has its own filters; output channel c * multiplier + q is input
/// channel c with filter [:, :, c, q]. Vectors run over channels. Source of the meaning: tensorflow/core/kernels/depthwise_conv_op.cc.
/// </summary>
public static unsafe class DepthwiseConv2D
{
    /// <summary>Multiply-adds of one parallel tile: these are slower than those of a matrix product.</summary>
    private const long TileWork = 300_000;

    /// <param name="input">[batch, input height, input width, channels].</param>
    /// <param name="geometry">Sizes; output channels = channels * multiplier.</param>
    /// <param name="filter">[kernel height, kernel width, channels, multiplier].</param>
    /// <param name="output">[batch, output height, output width, channels * multiplier]; no overlap with the input.</param>
    /// <param name="epilogue">Bias per output channel and activation; a residual is not supported.</param>
    public static void Run(float* input, in WindowGeometry geometry, float* filter, float* output, in Epilogue epilogue = default)
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
                Math.Max(1, TileWork / rowWork),
                new RowsBody { Input = input, Geometry = g, Filter = filter, Output = output, Epilogue = epilogue });
        }
    }

    private struct RowsBody : IRangeBody
    {
        public float* Input;
        public WindowGeometry* Geometry;
        public float* Filter;
        public float* Output;
        public Epilogue Epilogue;

        public readonly void Run(long start, long end)
        {
            WindowGeometry* g = Geometry;
            nint rowElements = (nint)g->OutputWidth * g->OutputChannels;
            Activation after = Epilogue.Activation;
            float low = float.NegativeInfinity;
            float high = float.PositiveInfinity;
            if (after is Activation.Relu or Activation.Relu6)
            {
                low = 0;
                high = after == Activation.Relu6 ? 6 : high;
                after = Activation.None;
            }

            for (long row = start; row < end; row++)
            {
                int y = (int)(row % g->OutputHeight);
                float* image = Input + (nint)(row / g->OutputHeight) * g->InputHeight * g->InputWidth * g->InputChannels;
                float* target = Output + (nint)row * rowElements;
                if (g->InputChannels == g->OutputChannels)
                {
                    switch (Simd.Level)
                    {
                        case SimdLevel.Avx512 when g->InputChannels >= 16:
                            DepthwiseRow<Float512>.Run(image, *g, y, Filter, target, Epilogue.Bias, low, high);
                            break;
                        case >= SimdLevel.Avx2 when g->InputChannels >= 8:
                            DepthwiseRow<Float256>.Run(image, *g, y, Filter, target, Epilogue.Bias, low, high);
                            break;
                        case >= SimdLevel.Sse when g->InputChannels >= 4:
                            DepthwiseRow<Float128>.Run(image, *g, y, Filter, target, Epilogue.Bias, low, high);
                            break;
                        default:
                            DepthwiseRow<Float32>.Run(image, *g, y, Filter, target, Epilogue.Bias, low, high);
                            break;
                    }
                }
                else
                {
                    Multiplied(image, *g, y, Filter, target, Epilogue.Bias, low, high);
                }

                ActivationKernel.Apply(after, Epilogue.Alpha, target, 1, (int)rowElements, rowElements);
            }
        }

        /// <summary>Several output channels to an input channel.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Multiplied(float* image, in WindowGeometry g, int y, float* filter, float* target, float* bias, float low, float high)
        {
            int outputs = g.OutputChannels;
            int multiplier = outputs / g.InputChannels;
            int top = y * g.StrideHeight - g.PadTop;
            WindowGeometry.Clip(top, g.DilationHeight, g.KernelHeight, g.InputHeight, out int firstRow, out int endRow);
            for (int x = 0; x < g.OutputWidth; x++, target += outputs)
            {
                for (int o = 0; o < outputs; o++)
                {
                    target[o] = bias == null ? 0f : bias[o];
                }

                int left = x * g.StrideWidth - g.PadLeft;
                WindowGeometry.Clip(left, g.DilationWidth, g.KernelWidth, g.InputWidth, out int firstColumn, out int endColumn);
                for (int ky = firstRow; ky < endRow; ky++)
                {
                    for (int kx = firstColumn; kx < endColumn; kx++)
                    {
                        float* source = image + ((nint)(top + ky * g.DilationHeight) * g.InputWidth + left + kx * g.DilationWidth) * g.InputChannels;
                        float* weights = filter + (nint)(ky * g.KernelWidth + kx) * outputs;
                        float* sums = target;
                        for (int c = 0; c < g.InputChannels; c++)
                        {
                            float value = source[c];
                            for (int q = 0; q < multiplier; q++)
                            {
                                *sums++ += value * *weights++;
                            }
                        }
                    }
                }

                for (int o = 0; o < outputs; o++)
                {
                    float value = target[o];
                    target[o] = value < low ? low : value > high ? high : value;
                }
            }
        }
    }
}
