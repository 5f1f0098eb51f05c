using SharpServing.Ops.Math;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Sparse;

/// <summary>Shapes of sparse tensors: indices [n, rank], values [n], dense shape [rank].</summary>
internal static class SparseShapes
{
    public static void ToDense(ShapeContext context) => context.SetOutput(0, context.InputAsShape(1));

    /// <summary>Indices and values with a row more where there was none; which rows; where each entry went.</summary>
    public static void FillEmptyRows(ShapeContext context)
    {
        PartialShape indices = context.InputShape(0).WithRank(2);
        context.SetOutput(0, new PartialShape([-1, indices[1]]));
        context.SetOutput(1, PartialShape.OfRank(1));
        context.SetOutput(2, PartialShape.Vector(context.InputIntegers(2) is { Elements: [>= 0 and var rows, ..] } ? rows : -1));
        context.SetOutput(3, PartialShape.Vector(indices[0]));
    }

    /// <summary>Inputs 2 and 3: the dense shape and the axes.</summary>
    public static void Reduce(ShapeContext context) => context.SetOutput(0, ReductionShapes.Of(context, context.InputAsShape(2), 3));

    public static void ReduceSparse(ShapeContext context)
    {
        PartialShape shape = ReductionShapes.Of(context, context.InputAsShape(2), 3);
        context.SetOutput(0, new PartialShape([-1, shape.Rank]));
        context.SetOutput(1, PartialShape.OfRank(1));
        context.SetOutput(2, PartialShape.Vector(shape.Rank));
        context.SetOutputValue(2, PartialIntegers.SizesOf(shape));
    }

    public static void Reorder(ShapeContext context)
    {
        context.SetOutput(0, context.InputShape(0));
        context.SetOutput(1, context.InputShape(1));
    }
}
