using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Lists;

/// <summary>Shapes of what comes out of tensor lists. The lists themselves are scalars.</summary>
internal static class ListShapes
{
    /// <summary>The element shape of input 1 counts when it is complete: else the elements alone decide.</summary>
    public static void Stack(ShapeContext context)
    {
        if (ElementShape(context, 1) is { IsFullyDefined: true } element)
        {
            long count = context.Attributes.Int("num_elements");
            context.SetOutput(0, PartialShape.Vector(System.Math.Max(count, -1)).Concat(element));
        }
    }

    /// <summary>One element an index of input 1.</summary>
    public static void Gather(ShapeContext context) =>
        context.SetOutput(0, PartialShape.Vector(context.InputShape(1).CountElements()).Concat(ElementShape(context, 2)));

    /// <summary>The list, then the element.</summary>
    public static void PopBack(ShapeContext context) => context.SetOutput(0, PartialShape.Scalar);

    /// <summary>A vector of sizes, -1 where any will do.</summary>
    private static PartialShape ElementShape(ShapeContext context, int input) =>
        context.InputIntegers(input) is { IsScalar: false } sizes
            ? new PartialShape([.. sizes.Elements.Select(size => System.Math.Max(size ?? -1, -1))])
            : PartialShape.Unknown;
}
