using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Nn;

/// <summary>Shapes of convolutions and pools. Filters are [height, width, input channels, output channels].</summary>
internal static class ConvolutionShapes
{
    public static void Conv2D(ShapeContext context) => context.SetOutput(0, OfConv2D(context));

    public static void Depthwise(ShapeContext context) => context.SetOutput(0, OfDepthwise(context));

    public static PartialShape OfConv2D(ShapeContext context)
    {
        PartialShape filter = context.InputShape(1).WithRank(4);
        return Window(context, context.InputShape(0).WithRank(4), filter[0], filter[1], filter[3]);
    }

    /// <summary>The last size of the filter counts outputs an input channel.</summary>
    public static PartialShape OfDepthwise(ShapeContext context)
    {
        PartialShape filter = context.InputShape(1).WithRank(4);
        return Window(context, context.InputShape(0).WithRank(4), filter[0], filter[1], filter.Slice(2, 4).CountElements());
    }

    /// <summary>Input 0: the sizes of the result, or of its height and width alone.</summary>
    public static void Transposed(ShapeContext context)
    {
        PartialShape sizes = context.InputAsShape(0);
        context.SetOutput(0, sizes.Rank == 4 ? sizes : PartialShape.OfRank(4));
    }

    public static void Pool(ShapeContext context)
    {
        long[] window = context.Attributes.Ints("ksize");
        PartialShape input = context.InputShape(0).WithRank(4);
        if (window.Length != 4 || Layout(context) is not { } channel)
        {
            return;
        }

        int height = channel == 1 ? 2 : 1;
        if (window[channel] != 1 || window[0] != 1)
        {
            context.SetOutput(0, PartialShape.OfRank(4).With(0, window[0] == 1 ? input[0] : -1));
            return;
        }

        context.SetOutput(0, Window(context, input, window[height], window[height + 1], input[channel]));
    }

    /// <summary>Index of the channels; null: another layout than these two.</summary>
    private static int? Layout(ShapeContext context) =>
        !context.Attributes.Has("data_format") ? 3 : context.Attributes.String("data_format") switch { "NHWC" => 3, "NCHW" => 1, _ => null };

    private static PartialShape Window(ShapeContext context, PartialShape input, long kernelHeight, long kernelWidth, long channels)
    {
        if (Layout(context) is not { } channel)
        {
            return PartialShape.Unknown;
        }

        int height = channel == 1 ? 2 : 1;
        return PartialShape.OfRank(4).With(0, input[0]).With(channel, channels)
            .With(height, Along(context, height, input[height], kernelHeight))
            .With(height + 1, Along(context, height + 1, input[height + 1], kernelWidth));
    }

    /// <summary>Size of the output along one dimension; -1: not known.</summary>
    private static long Along(ShapeContext context, int dimension, long input, long kernel)
    {
        long[] strides = context.Attributes.Ints("strides");
        long[] dilations = context.Attributes.Has("dilations") ? context.Attributes.Ints("dilations") : [1, 1, 1, 1];
        long[] paddings = context.Attributes.Has("explicit_paddings") ? context.Attributes.Ints("explicit_paddings") : [];
        string padding = context.Attributes.String("padding");
        if (input < 0 || strides.Length != 4 || dilations.Length != 4 || strides[dimension] <= 0)
        {
            return -1;
        }

        long stride = strides[dimension];
        if (padding == "SAME")
        {
            return (input + stride - 1) / stride;
        }

        long room = padding == "VALID" ? input
            : padding == "EXPLICIT" && paddings.Length == 8 ? input + paddings[2 * dimension] + paddings[(2 * dimension) + 1]
            : -1;
        long extent = ((kernel - 1) * dilations[dimension]) + 1;
        return room < 0 || kernel < 0 || room - extent + stride < 0 ? -1 : (room - extent + stride) / stride;
    }
}
