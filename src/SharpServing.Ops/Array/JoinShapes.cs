using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Array;

/// <summary>Shapes of tensors put together or repeated.</summary>
internal static class JoinShapes
{
    /// <summary>The axis is the last input.</summary>
    public static void ConcatV2(ShapeContext context) => Concat(context, context.InputCount - 1, 0);

    /// <summary>The axis is the first input.</summary>
    public static void Concat(ShapeContext context) => Concat(context, 0, 1);

    /// <summary>One vector an input: where it begins in the result of a Concat.</summary>
    public static void ConcatOffset(ShapeContext context)
    {
        int rank = -1;
        for (int i = 1; i < context.InputCount; i++)
        {
            rank = System.Math.Max(rank, context.InputIntegers(i)?.Elements.Count ?? -1);
        }

        int axis = rank >= 0 && context.InputScalar(0) is { } given ? PartialShape.OfRank(rank).Axis(given) : -1;
        long? offset = 0;
        for (int i = 1; i < context.InputCount; i++)
        {
            context.SetOutput(i - 1, PartialShape.Vector(rank));
            if (axis >= 0)
            {
                var offsets = new long?[rank];
                System.Array.Fill(offsets, 0);
                offsets[axis] = offset;
                context.SetOutputValue(i - 1, PartialIntegers.Vector(offsets));
                offset += context.InputIntegers(i) is { } sizes && sizes.Elements.Count == rank ? sizes.Elements[axis] : null;
            }
        }
    }

    public static void Pack(ShapeContext context)
    {
        PartialShape part = context.InputShape(0);
        for (int i = 1; i < context.InputCount; i++)
        {
            part = part.Merge(context.InputShape(i));
        }

        if (!part.HasRank)
        {
            return;
        }

        int axis = PartialShape.OfRank(part.Rank + 1).Axis(context.Attributes.Int("axis"));
        if (axis < 0)
        {
            return;
        }

        context.SetOutput(0, ReshapeShapes.Insert(part, axis, context.InputCount));
        if (part.Rank == 0 && context.OutputType(0) is Tensors.DType.Int32 or Tensors.DType.Int64)
        {
            context.SetOutputValue(0, PartialIntegers.Vector([.. Enumerable.Range(0, context.InputCount).Select(context.InputScalar)]));
        }
    }

    public static void Tile(ShapeContext context)
    {
        PartialIntegers? times = context.InputIntegers(1);
        PartialShape input = context.InputShape(0);
        int rank = input.HasRank ? input.Rank : times?.Elements.Count ?? -1;
        if (rank < 0)
        {
            return;
        }

        input = input.WithRank(rank);
        long[] sizes = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            long factor = times?.Elements.Count == rank ? times.Elements[i] ?? -1 : -1;
            sizes[i] = new PartialShape([input[i], factor]).CountElements();
        }

        context.SetOutput(0, new PartialShape(sizes));
    }

    public static void BroadcastTo(ShapeContext context) => context.SetOutput(0, context.InputAsShape(1));

    private static void Concat(ShapeContext context, int axisIndex, int first)
    {
        PartialShape all = PartialShape.Unknown;
        for (int i = 0; i < context.InputCount - 1; i++)
        {
            PartialShape part = context.InputShape(first + i);
            all = part.HasRank && !all.HasRank ? PartialShape.OfRank(part.Rank) : all;
        }

        if (!all.HasRank)
        {
            return;
        }

        int axis = context.InputScalar(axisIndex) is { } given ? all.Axis(given) : -1;
        context.SetOutput(0, all);
        if (axis < 0)
        {
            return;
        }

        long sum = 0;
        var elements = new List<long?>();
        bool hasElements = all.Rank == 1;
        for (int i = 0; i < context.InputCount - 1; i++)
        {
            PartialShape part = context.InputShape(first + i).WithRank(all.Rank);
            sum = sum < 0 || part[axis] < 0 ? -1 : sum + part[axis];
            all = all.Merge(part.With(axis, -1));
            if (!all.HasRank)
            {
                context.SetOutput(0, PartialShape.Unknown);
                return;
            }

            if (hasElements && context.InputIntegers(first + i) is { IsScalar: false } value)
            {
                elements.AddRange(value.Elements);
            }
            else
            {
                hasElements = false;
            }
        }

        context.SetOutput(0, all.With(axis, sum));
        if (hasElements && elements.Count <= PartialIntegers.MaxLength)
        {
            context.SetOutputValue(0, PartialIntegers.Vector([.. elements]));
        }
    }
}
