using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>
/// Transposed convolution (the gradient of a convolution with respect to its input), NHWC, float32:
/// result[y * stride - pad + ky * dilation, …, c] += operand[y, x, o] * filter[ky, kx, c, o], then bias and activation. A matrix product
/// over some rows of the operand, whose results are added into place. Source of the meaning:
/// tensorflow/core/kernels/conv_grad_input_ops.cc.
/// </summary>
public static unsafe class Conv2DTransposed
{
    /// <summary>Products of one block: 512 KiB.</summary>
    private const int BlockFloats = 128 * 1024;

    /// <param name="operand">[batch, output height, output width, output channels] of the convolution.</param>
    /// <param name="geometry">Sizes of the convolution; its input is the result here.</param>
    /// <param name="filter">From <see cref="PackedFilter.PackTransposed"/>.</param>
    /// <param name="result">[batch, input height, input width, input channels] of the convolution; no overlap with the operand.</param>
    /// <param name="epilogue">Bias per channel of the result and activation; a residual is not supported.</param>
    public static void Run(float* operand, in WindowGeometry geometry, PackedFilter filter, float* result, in Epilogue epilogue = default)
    {
        nint channels = geometry.InputChannels;
        nint resultRow = geometry.InputWidth * channels;
        nint resultImage = geometry.InputHeight * resultRow;
        nint operandRow = (nint)geometry.OutputWidth * geometry.OutputChannels;
        nint columns = filter[0].Columns;
        FillRows(result, (nint)geometry.Batch * geometry.InputHeight * geometry.InputWidth, channels, epilogue.Bias);
        nint total = geometry.Batch * resultImage;
        if (columns > 0 && geometry.OutputPixels > 0)
        {
            int blockRows = (int)Math.Clamp(BlockFloats / (columns * geometry.OutputWidth), 1, geometry.OutputHeight);
            TensorBuffer products = TensorAllocator.Shared.Allocate(blockRows * geometry.OutputWidth * columns * sizeof(float));
            try
            {
                for (int image = 0; image < geometry.Batch; image++)
                {
                    for (int y = 0; y < geometry.OutputHeight; y += blockRows)
                    {
                        int rows = Math.Min(blockRows, geometry.OutputHeight - y);
                        Gemm.Run(
                            operand + ((nint)image * geometry.OutputHeight + y) * operandRow,
                            geometry.OutputChannels,
                            false,
                            rows * geometry.OutputWidth,
                            filter[0],
                            (float*)products.Address,
                            columns);
                        Scatter((float*)products.Address, geometry, y, rows, result + image * resultImage);
                    }
                }
            }
            finally
            {
                products.Release();
            }
        }

        for (nint at = 0; at < total; at += BlockFloats)
        {
            ActivationKernel.Apply(epilogue.Activation, epilogue.Alpha, result + at, 1, (int)Math.Min(BlockFloats, total - at), 0);
        }
    }

    private static void FillRows(float* result, nint rows, nint channels, float* bias)
    {
        for (nint row = 0; row < rows; row++)
        {
            var target = new Span<float>(result + row * channels, (int)channels);
            if (bias == null)
            {
                target.Clear();
            }
            else
            {
                new ReadOnlySpan<float>(bias, (int)channels).CopyTo(target);
            }
        }
    }

    private static void Scatter(float* products, in WindowGeometry g, int firstRow, int rows, float* image)
    {
        int channels = g.InputChannels;
        for (int y = firstRow; y < firstRow + rows; y++)
        {
            int top = y * g.StrideHeight - g.PadTop;
            for (int x = 0; x < g.OutputWidth; x++)
            {
                int left = x * g.StrideWidth - g.PadLeft;
                WindowGeometry.Clip(left, g.DilationWidth, g.KernelWidth, g.InputWidth, out int first, out int end);
                for (int ky = 0; ky < g.KernelHeight; ky++, products += (nint)g.KernelWidth * channels)
                {
                    int row = top + ky * g.DilationHeight;
                    if ((uint)row >= (uint)g.InputHeight || first == end)
                    {
                        continue;
                    }

                    float* target = image + ((nint)row * g.InputWidth + left + first * g.DilationWidth) * channels;
                    float* source = products + first * channels;
                    if (g.DilationWidth == 1)
                    {
                        Add(target, source, (end - first) * channels);
                        continue;
                    }

                    for (int kx = first; kx < end; kx++)
                    {
                        Add(target, source, channels);
                        target += g.DilationWidth * channels;
                        source += channels;
                    }
                }
            }
        }
    }

    private static void Add(float* target, float* source, nint count) =>
        VectorLoop.Binary<AddOperator<float>, float>(target, 1, source, 1, target, count);
}
