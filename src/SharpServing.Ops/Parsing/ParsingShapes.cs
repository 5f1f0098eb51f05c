using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Parsing;

/// <summary>
/// Shapes of parsed examples. Outputs: indices, values and shapes of the sparse features, then the dense features; ragged ones are left open.
/// </summary>
internal static class ParsingShapes
{
    /// <summary>A vector of examples; for the second version also a single one.</summary>
    public static void ParseExample(ShapeContext context)
    {
        PartialShape batch = context.Node.Op == "ParseExampleV2" ? context.InputShape(0) : context.InputShape(0).WithRank(1);
        if (batch.HasRank)
        {
            Set(context, batch);
        }
    }

    public static void ParseSingleExample(ShapeContext context) => Set(context, PartialShape.Scalar);

    private static void Set(ShapeContext context, PartialShape batch)
    {
        int sparse = context.Attributes.Types("sparse_types").Length;
        PartialShape[] dense = context.Attributes.Shapes("dense_shapes");
        if (context.OutputCount < (3 * sparse) + dense.Length)
        {
            return;
        }

        for (int i = 0; i < sparse; i++)
        {
            context.SetOutput(i, new PartialShape([-1, batch.Rank + 1]));
            context.SetOutput(sparse + i, PartialShape.OfRank(1));
            context.SetOutput((2 * sparse) + i, PartialShape.Vector(batch.Rank + 1));
        }

        for (int i = 0; i < dense.Length; i++)
        {
            context.SetOutput((3 * sparse) + i, batch.Concat(dense[i]));
        }
    }
}
