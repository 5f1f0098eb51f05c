using SharpServing.Ops.Math;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Strings;

/// <summary>Shapes of string ops that do more than map elements.</summary>
internal static class StringShapes
{
    /// <summary>Scalars go with any shape, and the others agree.</summary>
    public static void Join(ShapeContext context)
    {
        PartialShape shape = PartialShape.Unknown;
        bool allScalar = true;
        for (int i = 0; i < context.InputCount; i++)
        {
            PartialShape part = context.InputShape(i);
            allScalar &= part.Rank == 0;
            shape = part.Rank > 0 ? shape.Merge(part) : shape;
        }

        context.SetOutput(0, allScalar ? PartialShape.Scalar : shape);
    }

    /// <summary>A sparse matrix of pieces: indices, values, shape.</summary>
    public static void Split(ShapeContext context)
    {
        context.SetOutput(0, new PartialShape([-1, 2]));
        context.SetOutput(1, PartialShape.OfRank(1));
        context.SetOutputValue(2, PartialIntegers.Vector(context.InputShape(0).WithRank(1)[0] is >= 0 and var rows ? rows : null, null));
    }

    public static void Substr(ShapeContext context) =>
        context.SetOutput(0, PartialShape.Broadcast(context.InputShape(0), context.InputShape(1).Merge(context.InputShape(2))));

    public static void ReduceJoin(ShapeContext context) => ReductionShapes.Reduce(context);

    /// <summary>Input 2 counts segments, input 1 names the segment of each of the first dimensions of input 0.</summary>
    public static void SegmentJoin(ShapeContext context)
    {
        PartialShape input = context.InputShape(0);
        PartialShape ids = context.InputShape(1);
        if (ids.HasRank)
        {
            PartialShape count = PartialShape.Vector(System.Math.Max(context.InputScalar(2) ?? -1, -1));
            context.SetOutput(0, count.Concat(input.Slice(ids.Rank, input.Rank)));
        }
    }

    public static void DecodeRaw(ShapeContext context) => context.SetOutput(0, context.InputShape(0).Concat(PartialShape.OfRank(1)));
}
