using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Nn;

/// <summary>Shapes of the other ops of neural networks.</summary>
internal static class NnShapes
{
    /// <summary>Input 1 has one element a channel.</summary>
    public static void BiasAdd(ShapeContext context)
    {
        PartialShape input = context.InputShape(0);
        bool channelsFirst = context.Attributes.Has("data_format") && context.Attributes.String("data_format") == "NCHW";
        if (input.Rank >= 2)
        {
            int channel = channelsFirst ? 1 : input.Rank - 1;
            input = input.With(channel, System.Math.Max(input[channel], context.InputShape(1).WithRank(1)[0]));
        }

        context.SetOutput(0, input);
    }

    /// <summary>The result, then statistics with one element a channel.</summary>
    public static void BatchNorm(ShapeContext context)
    {
        PartialShape input = context.InputShape(0);
        context.SetOutput(0, input);
        long channels = context.InputShape(1).WithRank(1)[0];
        for (int i = 1; i < 5; i++)
        {
            context.SetOutput(i, PartialShape.Vector(channels));
        }
    }

    /// <summary>Values and indices: […, k].</summary>
    public static void TopK(ShapeContext context)
    {
        PartialShape input = context.InputShape(0);
        if (input.Rank < 1)
        {
            return;
        }

        long k = context.Attributes.Has("k") ? context.Attributes.Int("k") : context.InputScalar(1) ?? -1;
        context.SetOutput(0, input.With(-1, System.Math.Max(k, -1)));
        context.SetOutput(1, input.With(-1, System.Math.Max(k, -1)));
    }
}
