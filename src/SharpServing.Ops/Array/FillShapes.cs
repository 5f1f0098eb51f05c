using SharpServing.Ops.Support;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>Shapes of filled, padded, permuted and chosen tensors.</summary>
internal static class FillShapes
{
    public static void OneHot(ShapeContext context)
    {
        PartialShape indices = context.InputShape(0);
        if (!indices.HasRank)
        {
            return;
        }

        long given = context.Attributes.Int("axis");
        long at = given == -1 ? indices.Rank : given;
        if (at >= 0 && at <= indices.Rank)
        {
            long depth = context.InputScalar(1) ?? -1;
            context.SetOutput(0, ReshapeShapes.Insert(indices, (int)at, System.Math.Max(depth, -1)));
        }
    }

    public static void Transpose(ShapeContext context)
    {
        PartialIntegers? order = context.InputIntegers(1);
        PartialShape input = context.InputShape(0);
        int rank = input.HasRank ? input.Rank : order is { IsScalar: false } ? order.Elements.Count : -1;
        if (rank < 0)
        {
            return;
        }

        long[] sizes = PartialShape.OfRank(rank).Dimensions!;
        for (int i = 0; i < rank && order?.Elements.Count == rank && input.HasRank; i++)
        {
            int from = order.Elements[i] is { } given ? input.Axis(given) : -1;
            sizes[i] = from < 0 ? -1 : input[from];
        }

        context.SetOutput(0, new PartialShape(sizes));
    }

    /// <summary>Input 1: how much before and after each dimension, [rank, 2].</summary>
    public static void Pad(ShapeContext context)
    {
        PartialShape input = context.InputShape(0);
        PartialShape paddings = context.InputShape(1);
        int rank = input.HasRank ? input.Rank : paddings.Rank == 2 && paddings[0] is >= 0 and <= Shape.MaxRank ? (int)paddings[0] : -1;
        if (rank < 0)
        {
            return;
        }

        long[] sizes = PartialShape.OfRank(rank).Dimensions!;
        if (context.InputValue(1) is { Rank: 2 } value && value.ElementCount == 2 * rank && input.HasRank)
        {
            for (int i = 0; i < rank; i++)
            {
                sizes[i] = input[i] < 0 ? -1 : System.Math.Max(input[i] + IndexInput.At(value, 2 * i) + IndexInput.At(value, (2 * i) + 1), -1);
            }
        }

        context.SetOutput(0, new PartialShape(sizes));
    }

    /// <summary>Both choices have one shape.</summary>
    public static void Select(ShapeContext context)
    {
        PartialShape shape = context.InputShape(1).Merge(context.InputShape(2));
        context.SetOutput(0, context.InputShape(0).Rank > 1 ? shape.Merge(context.InputShape(0)) : shape);
    }

    public static void SelectV2(ShapeContext context) =>
        context.SetOutput(0, PartialShape.Broadcast(context.InputShape(0), PartialShape.Broadcast(context.InputShape(1), context.InputShape(2))));

    /// <summary>[found, rank].</summary>
    public static void Where(ShapeContext context) => context.SetOutput(0, new PartialShape([-1, context.InputShape(0).Rank]));
}
