using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SharpServing.Kernels;

/// <summary>
/// Writes what each output pixel sees as one row: [pixels, kernel height * width * channels], zeros outside the image. Without dilation
/// and groups the columns of one kernel row are one run of the input.
/// </summary>
internal static unsafe class PatchCopy
{
    /// <param name="input">Whole input, at the group's first channel.</param>
    /// <param name="geometry">Sizes.</param>
    /// <param name="channels">Input channels of one group.</param>
    /// <param name="firstPixel">First output pixel, counted over the batch.</param>
    /// <param name="pixels">Output pixels.</param>
    /// <param name="target">Rows of kernel height * width * channels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* input, in WindowGeometry geometry, int channels, long firstPixel, int pixels, float* target)
    {
        int outputWidth = geometry.OutputWidth;
        int outputHeight = geometry.OutputHeight;
        int inputHeight = geometry.InputHeight;
        int inputWidth = geometry.InputWidth;
        int kernelHeight = geometry.KernelHeight;
        int kernelWidth = geometry.KernelWidth;
        int dilationHeight = geometry.DilationHeight;
        int dilationWidth = geometry.DilationWidth;
        nint pixelStep = geometry.InputChannels;
        nint rowStep = pixelStep * inputWidth;
        nint runLength = (nint)kernelWidth * channels;
        bool runs = dilationWidth == 1 && channels == geometry.InputChannels;
        int x = (int)(firstPixel % outputWidth);
        int y = (int)(firstPixel / outputWidth % outputHeight);
        long image = firstPixel / outputWidth / outputHeight;
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            int top = y * geometry.StrideHeight - geometry.PadTop;
            int left = x * geometry.StrideWidth - geometry.PadLeft;
            float* source = input + ((nint)image * inputHeight + top) * rowStep + left * pixelStep;
            WindowGeometry.Clip(left, dilationWidth, kernelWidth, inputWidth, out int first, out int end);
            for (int ky = 0; ky < kernelHeight; ky++)
            {
                int row = top + ky * dilationHeight;
                if ((uint)row >= (uint)inputHeight || first == end)
                {
                    Clear(target, runLength);
                    target += runLength;
                    continue;
                }

                float* line = source + ky * dilationHeight * rowStep;
                if (first > 0)
                {
                    Clear(target, first * channels);
                }

                if (runs)
                {
                    Copy(line + first * pixelStep, target + first * channels, (nint)(end - first) * channels);
                }
                else
                {
                    for (int kx = first; kx < end; kx++)
                    {
                        Copy(line + kx * dilationWidth * pixelStep, target + kx * channels, channels);
                    }
                }

                if (end < kernelWidth)
                {
                    Clear(target + end * channels, (nint)(kernelWidth - end) * channels);
                }

                target += runLength;
            }

            if (++x == outputWidth)
            {
                x = 0;
                if (++y == outputHeight)
                {
                    y = 0;
                    image++;
                }
            }
        }
    }

    /// <summary>Copies a run; the last vector overlaps the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* source, float* target, nint count)
    {
        if (count >= 16 && Vector512.IsHardwareAccelerated)
        {
            nint end = count - 16;
            for (nint i = 0; i < end; i += 16)
            {
                Vector512.Load(source + i).Store(target + i);
            }

            Vector512.Load(source + end).Store(target + end);
        }
        else if (count >= 4)
        {
            nint end = count - 4;
            for (nint i = 0; i < end; i += 4)
            {
                Vector128.Load(source + i).Store(target + i);
            }

            Vector128.Load(source + end).Store(target + end);
        }
        else
        {
            for (nint i = 0; i < count; i++)
            {
                target[i] = source[i];
            }
        }
    }

    private static void Clear(float* target, nint count) => new Span<float>(target, (int)count).Clear();
}
