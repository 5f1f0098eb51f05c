using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Array;

/// <summary>Shapes of rows by index.</summary>
internal static class GatherShapes
{
    public static void Gather(ShapeContext context) => Set(context, 0, 0);

    public static void GatherV2(ShapeContext context) => Set(context, context.InputScalar(2), context.Attributes.Int("batch_dims"));

    /// <summary>indices[…, depth] of parameters: […, what follows depth dimensions].</summary>
    public static void GatherNd(ShapeContext context)
    {
        PartialShape parameters = context.InputShape(0);
        PartialShape indices = context.InputShape(1);
        if (indices.Rank >= 1 && indices[-1] is >= 0 and var depth && depth <= parameters.Rank)
        {
            context.SetOutput(0, indices.Slice(0, indices.Rank - 1).Concat(parameters.Slice((int)depth, parameters.Rank)));
        }
    }

    private static void Set(ShapeContext context, long? axis, long batch)
    {
        PartialShape parameters = context.InputShape(0);
        PartialShape indices = context.InputShape(1);
        if (!parameters.HasRank || !indices.HasRank)
        {
            return;
        }

        batch = batch < 0 ? batch + indices.Rank : batch;
        if (batch < 0 || batch > indices.Rank || parameters.Rank < 1)
        {
            return;
        }

        PartialShape rows = indices.Slice((int)batch, indices.Rank);
        int at = axis is { } given ? parameters.Axis(given) : -1;
        context.SetOutput(0, at < 0
            ? PartialShape.OfRank(parameters.Rank - 1 + rows.Rank)
            : parameters.Slice(0, at).Concat(rows).Concat(parameters.Slice(at + 1, parameters.Rank)));

        // A choice of a shape's sizes.
        if (at == 0 && batch == 0 && context.InputIntegers(0) is { IsScalar: false } values && context.InputIntegers(1) is { } chosen)
        {
            long?[] elements = [.. chosen.Elements.Select(index => index >= 0 && index < values.Elements.Count ? values.Elements[(int)index] : null)];
            context.SetOutputValue(0, chosen.IsScalar ? PartialIntegers.Scalar(elements[0]) : PartialIntegers.Vector(elements));
        }
    }
}
