using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Linalg;

/// <summary>Shapes of matrix products.</summary>
internal static class ProductShapes
{
    public static void MatMul(ShapeContext context) => context.SetOutput(0, OfMatrices(context));

    public static void BatchMatMul(ShapeContext context) =>
        context.SetOutput(0, OfBatches(context, context.Attributes.Bool("adj_x"), context.Attributes.Bool("adj_y")));

    /// <summary>Of matrices alone, transposed by the attributes of MatMul.</summary>
    public static PartialShape OfMatrices(ShapeContext context)
    {
        PartialShape a = context.InputShape(0).WithRank(2);
        PartialShape b = context.InputShape(1).WithRank(2);
        return new PartialShape([a[context.Attributes.Bool("transpose_a") ? 1 : 0], b[context.Attributes.Bool("transpose_b") ? 0 : 1]]);
    }

    public static PartialShape OfBatches(ShapeContext context, bool adjointA, bool adjointB)
    {
        PartialShape a = context.InputShape(0);
        PartialShape b = context.InputShape(1);
        if (a.Rank < 2 || b.Rank < 2)
        {
            return PartialShape.Unknown;
        }

        PartialShape matrix = new([a[adjointA ? -1 : -2], b[adjointB ? -2 : -1]]);
        return PartialShape.Broadcast(a.Slice(0, a.Rank - 2), b.Slice(0, b.Rank - 2)).Concat(matrix);
    }
}
