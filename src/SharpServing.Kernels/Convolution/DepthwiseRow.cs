using System.Runtime.CompilerServices;

namespace SharpServing.Kernels;

/// <summary>
/// One output row of a depthwise convolution with one filter per channel. Inside the image a 3x3 kernel keeps its nine weights in
/// registers and runs along the row; elsewhere each pixel adds the kernel elements that fall on the image. The last channels are a
/// vector that overlaps the one before: at least one vector of channels.
/// </summary>
internal static unsafe class DepthwiseRow<TV>
    where TV : struct, IFloatVector<TV>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* image, in WindowGeometry g, int y, float* filter, float* target, float* bias, float low, float high)
    {
        int top = y * g.StrideHeight - g.PadTop;
        int insideFirst = 0;
        int insideEnd = 0;
        if (g.KernelHeight == 3 && g.KernelWidth == 3 && top >= 0 && top + 2 * g.DilationHeight < g.InputHeight)
        {
            // Pixels whose three columns are all inside.
            insideFirst = Math.Min(g.OutputWidth, (g.PadLeft + g.StrideWidth - 1) / g.StrideWidth);
            int lastLeft = g.InputWidth - 1 - 2 * g.DilationWidth + g.PadLeft;
            insideEnd = lastLeft < 0 ? insideFirst : Math.Clamp(lastLeft / g.StrideWidth + 1, insideFirst, g.OutputWidth);
            if (insideEnd - insideFirst < 2)
            {
                insideEnd = insideFirst = 0;
            }
            else
            {
                Inside3x3(image, g, top, insideFirst, insideEnd, filter, target, bias, low, high);
            }
        }

        Border(image, g, top, 0, insideFirst, filter, target, bias, low, high);
        Border(image, g, top, insideEnd, g.OutputWidth, filter, target, bias, low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Inside3x3(
        float* image, in WindowGeometry g, int top, int firstX, int endX, float* filter, float* target, float* bias, float low, float high)
    {
        nint channels = g.InputChannels;
        nint columnStep = g.DilationWidth * channels;
        nint rowStep = (nint)g.DilationHeight * g.InputWidth * channels;
        nint step = g.StrideWidth * channels;
        float* corner = image + ((nint)top * g.InputWidth + firstX * g.StrideWidth - g.PadLeft) * channels;
        TV lowest = TV.Create(low);
        TV highest = TV.Create(high);
        for (nint block = 0; block < channels; block += TV.Count)
        {
            nint c = Math.Min(block, channels - TV.Count);
            float* w = filter + c;
            TV w0 = TV.Load(w);
            TV w1 = TV.Load(w + channels);
            TV w2 = TV.Load(w + 2 * channels);
            TV w3 = TV.Load(w + 3 * channels);
            TV w4 = TV.Load(w + 4 * channels);
            TV w5 = TV.Load(w + 5 * channels);
            TV w6 = TV.Load(w + 6 * channels);
            TV w7 = TV.Load(w + 7 * channels);
            TV w8 = TV.Load(w + 8 * channels);
            TV start = bias == null ? TV.Create(0f) : TV.Load(bias + c);
            float* p = corner + c;
            float* q = p + rowStep;
            float* r = q + rowStep;
            float* result = target + firstX * channels + c;
            for (int x = firstX; x < endX; x++)
            {
                TV a = TV.MultiplyAdd(TV.Load(p), w0, start);
                TV b = TV.Load(q) * w3;
                TV d = TV.Load(r) * w6;
                a = TV.MultiplyAdd(TV.Load(p + columnStep), w1, a);
                b = TV.MultiplyAdd(TV.Load(q + columnStep), w4, b);
                d = TV.MultiplyAdd(TV.Load(r + columnStep), w7, d);
                a = TV.MultiplyAdd(TV.Load(p + 2 * columnStep), w2, a);
                b = TV.MultiplyAdd(TV.Load(q + 2 * columnStep), w5, b);
                d = TV.MultiplyAdd(TV.Load(r + 2 * columnStep), w8, d);
                TV.Store(TV.Min(highest, TV.Max(lowest, a + b + d)), result);
                p += step;
                q += step;
                r += step;
                result += channels;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Border(
        float* image, in WindowGeometry g, int top, int firstX, int endX, float* filter, float* target, float* bias, float low, float high)
    {
        if (firstX >= endX)
        {
            return;
        }

        nint channels = g.InputChannels;
        nint columnStep = g.DilationWidth * channels;
        nint rowStep = (nint)g.DilationHeight * g.InputWidth * channels;
        TV lowest = TV.Create(low);
        TV highest = TV.Create(high);
        nint four = 4 * TV.Count;
        WindowGeometry.Clip(top, g.DilationHeight, g.KernelHeight, g.InputHeight, out int firstRow, out int endRow);
        for (int x = firstX; x < endX; x++)
        {
            int left = x * g.StrideWidth - g.PadLeft;
            WindowGeometry.Clip(left, g.DilationWidth, g.KernelWidth, g.InputWidth, out int firstColumn, out int endColumn);
            float* corner = image + ((nint)top * g.InputWidth + left) * channels;
            float* result = target + x * channels;
            nint c = 0;
            for (; c <= channels - four; c += four)
            {
                TV s0 = TV.Create(0f), s1 = s0, s2 = s0, s3 = s0;
                if (bias != null)
                {
                    s0 = TV.Load(bias + c);
                    s1 = TV.Load(bias + c + TV.Count);
                    s2 = TV.Load(bias + c + 2 * TV.Count);
                    s3 = TV.Load(bias + c + 3 * TV.Count);
                }

                for (int ky = firstRow; ky < endRow; ky++)
                {
                    for (int kx = firstColumn; kx < endColumn; kx++)
                    {
                        float* p = corner + ky * rowStep + kx * columnStep + c;
                        float* w = filter + (ky * g.KernelWidth + kx) * channels + c;
                        s0 = TV.MultiplyAdd(TV.Load(p), TV.Load(w), s0);
                        s1 = TV.MultiplyAdd(TV.Load(p + TV.Count), TV.Load(w + TV.Count), s1);
                        s2 = TV.MultiplyAdd(TV.Load(p + 2 * TV.Count), TV.Load(w + 2 * TV.Count), s2);
                        s3 = TV.MultiplyAdd(TV.Load(p + 3 * TV.Count), TV.Load(w + 3 * TV.Count), s3);
                    }
                }

                TV.Store(TV.Min(highest, TV.Max(lowest, s0)), result + c);
                TV.Store(TV.Min(highest, TV.Max(lowest, s1)), result + c + TV.Count);
                TV.Store(TV.Min(highest, TV.Max(lowest, s2)), result + c + 2 * TV.Count);
                TV.Store(TV.Min(highest, TV.Max(lowest, s3)), result + c + 3 * TV.Count);
            }

            for (; c < channels; c += TV.Count)
            {
                nint at = Math.Min(c, channels - TV.Count);
                TV sum = bias == null ? TV.Create(0f) : TV.Load(bias + at);
                for (int ky = firstRow; ky < endRow; ky++)
                {
                    for (int kx = firstColumn; kx < endColumn; kx++)
                    {
                        float* p = corner + ky * rowStep + kx * columnStep + at;
                        sum = TV.MultiplyAdd(TV.Load(p), TV.Load(filter + (ky * g.KernelWidth + kx) * channels + at), sum);
                    }
                }

                TV.Store(TV.Min(highest, TV.Max(lowest, sum)), result + at);
            }
        }
    }
}
