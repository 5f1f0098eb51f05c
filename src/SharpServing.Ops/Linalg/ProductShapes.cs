using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Linalg;

/// <summary>Shapes of matrix products.</summary>
internal static class ProductShapes
{
    public static void MatMul(ShapeContext context)
    {
        PartialShape a = context.InputShape(0).WithRank(2);
        PartialShape b = context.InputShape(1).WithRank(2);
        context.SetOutput(0, new PartialShape([a[context.Attributes.Bool("transpose_a") ? 1 : 0], b[context.Attributes.Bool("transpose_b") ? 0 : 1]]));
    }

    public static void BatchMatMul(ShapeContext context) =>
        Batch(context, context.Attributes.Bool("adj_x"), context.Attributes.Bool("adj_y"));

    /// <summary>The op that FuseLinear makes of both.</summary>
    public static void Linear(ShapeContext context)
    {
        if (context.Attributes.Bool("matrices"))
        {
            MatMul(context);
        }
        else
        {
            Batch(context, context.Attributes.Bool("transpose_a"), context.Attributes.Bool("transpose_b"));
        }
    }

    private static void Batch(ShapeContext context, bool adjointA, bool adjointB)
    {
        PartialShape a = context.InputShape(0);
        PartialShape b = context.InputShape(1);
        if (a.Rank < 2 || b.Rank < 2)
        {
            return;
        }

        PartialShape matrix = new([a[adjointA ? -1 : -2], b[adjointB ? -2 : -1]]);
        context.SetOutput(0, PartialShape.Broadcast(a.Slice(0, a.Rank - 2), b.Slice(0, b.Rank - 2)).Concat(matrix));
    }
}
