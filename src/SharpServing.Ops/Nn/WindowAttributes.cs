using SharpServing.Kernels;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Nn;

/// <summary>strides, dilations, padding and data_format of convolutions and pools, and the output size they give.</summary>
internal sealed class WindowAttributes
{
    private readonly string _padding;
    private readonly long[] _explicit;

    public WindowAttributes(KernelBuilder builder, string op, bool isPool = false)
    {
        _padding = builder.Attributes.String("padding");
        _explicit = builder.Attributes.Has("explicit_paddings") ? builder.Attributes.Ints("explicit_paddings") : [];
        string format = builder.Attributes.Has("data_format") ? builder.Attributes.String("data_format") : "NHWC";
        ChannelsFirst = format == "NCHW";
        if (format is not ("NHWC" or "NCHW"))
        {
            builder.Unsupported($"data_format {format}");
        }

        long[] strides = builder.Attributes.Ints("strides");
        if (strides.Length != 4)
        {
            throw StatusException.InvalidArgument("Sliding window strides field must specify 4 dimensions");
        }

        long[] dilations = builder.Attributes.Has("dilations") ? builder.Attributes.Ints("dilations") : [1, 1, 1, 1];
        int channel = ChannelsFirst ? 1 : 3;
        CheckExplicitPadding(channel);
        if (!isPool && (strides[0] != 1 || strides[channel] != 1))
        {
            throw new StatusException(
                op == "DepthwiseConv2dNative" ? StatusCode.InvalidArgument : StatusCode.Unimplemented,
                "Current implementation does not yet support strides in the batch and depth dimensions.");
        }

        int first = ChannelsFirst ? 2 : 1;
        StrideHeight = CheckStride(strides[first]);
        StrideWidth = CheckStride(strides[first + 1]);
        DilationHeight = CheckDilation(dilations[first]);
        DilationWidth = CheckDilation(dilations[first + 1]);
        BatchStride = strides[0];
        ChannelStride = strides[channel];
    }

    public bool ChannelsFirst { get; }

    /// <summary>1 but for pools.</summary>
    public long BatchStride { get; }

    /// <summary>1 but for pools.</summary>
    public long ChannelStride { get; }

    public int StrideHeight { get; }

    public int StrideWidth { get; }

    public int DilationHeight { get; }

    public int DilationWidth { get; }

    /// <summary>Index of the first padding of a spatial dimension in explicit_paddings.</summary>
    private int FirstSpatial => ChannelsFirst ? 4 : 2;

    /// <exception cref="StatusException">INVALID_ARGUMENT: the output would have a negative size.</exception>
    public (long Output, long PadBefore) Along(int spatial, long input, long kernel)
    {
        long stride = spatial == 0 ? StrideHeight : StrideWidth;
        long dilation = spatial == 0 ? DilationHeight : DilationWidth;
        long effective = ((kernel - 1) * dilation) + 1;
        if (_padding == "SAME")
        {
            long output = (input + stride - 1) / stride;
            long needed = System.Math.Max(0, ((output - 1) * stride) + effective - input);
            return (output, needed / 2);
        }

        long before = 0;
        long after = 0;
        if (_padding == "EXPLICIT")
        {
            before = _explicit[FirstSpatial + (2 * spatial)];
            after = _explicit[FirstSpatial + (2 * spatial) + 1];
        }

        long size = (input + before + after - effective + stride) / stride;
        if (size < 0 || input + before + after - effective + stride < 0)
        {
            throw StatusException.InvalidArgument(
                $"Computed output size would be negative: {(input + before + after - effective + stride) / stride} [input_size: {input}, effective_filter_size: {effective}, stride: {stride}]");
        }

        return (size, before);
    }

    public WindowGeometry Geometry(in Shape nhwc, long kernelHeight, long kernelWidth, long outputChannels)
    {
        (long height, long top) = Along(0, nhwc[1], kernelHeight);
        (long width, long left) = Along(1, nhwc[2], kernelWidth);
        return new WindowGeometry
        {
            Batch = checked((int)nhwc[0]),
            InputHeight = checked((int)nhwc[1]),
            InputWidth = checked((int)nhwc[2]),
            InputChannels = checked((int)nhwc[3]),
            OutputHeight = checked((int)height),
            OutputWidth = checked((int)width),
            OutputChannels = checked((int)outputChannels),
            KernelHeight = checked((int)kernelHeight),
            KernelWidth = checked((int)kernelWidth),
            StrideHeight = StrideHeight,
            StrideWidth = StrideWidth,
            DilationHeight = DilationHeight,
            DilationWidth = DilationWidth,
            PadTop = checked((int)top),
            PadLeft = checked((int)left),
        };
    }

    private void CheckExplicitPadding(int channel)
    {
        if (_padding != "EXPLICIT")
        {
            if (_explicit.Length > 0)
            {
                throw StatusException.InvalidArgument("explicit_paddings attribute must be empty if the padding attribute is not EXPLICIT");
            }

            return;
        }

        if (_explicit.Length != 8)
        {
            throw StatusException.InvalidArgument($"explicit_paddings attribute must contain 8 values, but got: {_explicit.Length}");
        }

        foreach (long padding in _explicit)
        {
            if (padding < 0)
            {
                throw StatusException.InvalidArgument("All elements of explicit_paddings must be nonnegative");
            }
        }

        if (_explicit[0] != 0 || _explicit[1] != 0 || _explicit[2 * channel] != 0 || _explicit[(2 * channel) + 1] != 0)
        {
            throw StatusException.InvalidArgument("Nonzero explicit padding in the batch or depth dimensions is not supported");
        }
    }

    /// <summary>Pools want each explicit padding smaller than the window.</summary>
    public void CheckPoolPadding(long kernelHeight, long kernelWidth)
    {
        if (_padding != "EXPLICIT")
        {
            return;
        }

        for (int i = 0; i < 4; i++)
        {
            long window = i < 2 ? kernelHeight : kernelWidth;
            if (_explicit[FirstSpatial + i] >= window)
            {
                string side = i switch { 0 => "Top", 1 => "Bottom", 2 => "Left", _ => "Right" };
                throw StatusException.InvalidArgument($"{side} padding {_explicit[FirstSpatial + i]} needs to be smaller than the window size {window}");
            }
        }
    }

    private static int CheckStride(long value) =>
        value is > 0 and <= int.MaxValue ? (int)value : throw StatusException.InvalidArgument($"Stride must be > 0, but got {value}");

    private static int CheckDilation(long value) =>
        value is > 0 and <= int.MaxValue ? (int)value : throw StatusException.InvalidArgument($"Dilation rate must be >= 1, but got {value}");
}
