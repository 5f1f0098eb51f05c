namespace SharpServing.Kernels;

/// <summary>
/// Sizes of a convolution or pooling over NHWC images. Element (y, x) of the output looks at input rows
/// y * StrideHeight - PadTop + ky * DilationHeight and columns likewise; outside the image there are zeros (pooling: nothing). What is
/// padded below and on the right follows from the output size.
/// </summary>
public readonly record struct WindowGeometry
{
    public WindowGeometry()
    {
    }

    public required int Batch { get; init; }

    public required int InputHeight { get; init; }

    public required int InputWidth { get; init; }

    public required int InputChannels { get; init; }

    public required int OutputHeight { get; init; }

    public required int OutputWidth { get; init; }

    public required int OutputChannels { get; init; }

    public required int KernelHeight { get; init; }

    public required int KernelWidth { get; init; }

    public int StrideHeight { get; init; } = 1;

    public int StrideWidth { get; init; } = 1;

    public int DilationHeight { get; init; } = 1;

    public int DilationWidth { get; init; } = 1;

    public int PadTop { get; init; }

    public int PadLeft { get; init; }

    /// <summary>Output elements of one channel.</summary>
    internal long OutputPixels => (long)Batch * OutputHeight * OutputWidth;

    /// <summary>True when the output pixel sees the input pixel at the same place and no other.</summary>
    internal bool IsPointwise =>
        KernelHeight == 1 && KernelWidth == 1 && StrideHeight == 1 && StrideWidth == 1 && PadTop == 0 && PadLeft == 0 &&
        OutputHeight == InputHeight && OutputWidth == InputWidth;

    /// <summary>The kernel rows or columns that fall on the image: [first, end), empty when first = end.</summary>
    internal static void Clip(int start, int dilation, int kernel, int size, out int first, out int end)
    {
        first = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
        end = start >= size ? 0 : Math.Min(kernel, (size - start + dilation - 1) / dilation);
        if (first > end)
        {
            first = end;
        }
    }
}
