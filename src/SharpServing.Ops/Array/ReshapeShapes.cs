using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>Shapes of ops that look at shapes or change them without touching elements.</summary>
internal static class ReshapeShapes
{
    public static void Shape(ShapeContext context)
    {
        for (int i = 0; i < context.OutputCount; i++)
        {
            PartialShape shape = context.InputShape(i);
            context.SetOutput(i, PartialShape.OfRank(1));
            context.SetOutputValue(i, PartialIntegers.SizesOf(shape));
        }
    }

    public static void Size(ShapeContext context)
    {
        long count = context.InputShape(0).CountElements();
        context.SetOutputValue(0, PartialIntegers.Scalar(count < 0 ? null : count));
    }

    public static void Rank(ShapeContext context) =>
        context.SetOutputValue(0, PartialIntegers.Scalar(context.InputShape(0).HasRank ? context.InputShape(0).Rank : null));

    /// <summary>Input 1: the sizes, of which one may be -1.</summary>
    public static void Reshape(ShapeContext context)
    {
        if (context.InputIntegers(1) is not { } asked)
        {
            return;
        }

        long[] sizes = new long[asked.Elements.Count];
        int open = -1;
        int openCount = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = asked.Elements[i] ?? -1;
            if (sizes[i] < -1)
            {
                return;
            }

            if (sizes[i] < 0)
            {
                open = i;
                openCount++;
            }
        }

        // A size 0 leaves more than one answer for -1.
        long count = context.InputShape(0).CountElements();
        if (openCount == 1 && count >= 0 && !sizes.AsSpan().Contains(0)
            && Tensors.Shape.TryCount([.. sizes[..open], .. sizes[(open + 1)..]], out long product) && count % product == 0)
        {
            sizes[open] = count / product;
        }

        SetReshaped(context, new PartialShape(sizes));
    }

    public static void ExpandDims(ShapeContext context)
    {
        PartialShape input = context.InputShape(0);
        if (!input.HasRank)
        {
            return;
        }

        if (context.InputScalar(1) is not { } axis)
        {
            context.SetOutput(0, PartialShape.OfRank(input.Rank + 1));
        }
        else if (axis >= -1 - input.Rank && axis <= input.Rank)
        {
            int at = (int)(axis < 0 ? axis + input.Rank + 1 : axis);
            SetReshaped(context, Insert(input, at, 1));
        }
    }

    public static void Squeeze(ShapeContext context)
    {
        PartialShape input = context.InputShape(0);
        long[] axes = context.Attributes.Ints("squeeze_dims");
        if (input.Dimensions is not { } sizes || (axes.Length == 0 && !input.IsFullyDefined))
        {
            return;
        }

        bool[] drop = System.Array.ConvertAll(sizes, size => axes.Length == 0 && size == 1);
        foreach (long axis in axes)
        {
            int at = input.Axis(axis);
            if (at < 0 || sizes[at] is not (1 or -1))
            {
                return;
            }

            drop[at] = true;
        }

        SetReshaped(context, new PartialShape([.. sizes.Where((_, i) => !drop[i])]));
    }

    public static void Bitcast(ShapeContext context)
    {
        PartialShape input = context.InputShape(0);
        if (!input.HasRank || !context.InputType(0).IsPlain() || !context.OutputType(0).IsPlain())
        {
            return;
        }

        int from = context.InputType(0).SizeOf();
        int to = context.OutputType(0).SizeOf();
        context.SetOutput(0, from == to ? input
            : from > to ? input.Concat(PartialShape.Vector(from / to))
            : input.Slice(0, input.Rank - 1));
    }

    public static void BroadcastArgs(ShapeContext context)
    {
        context.SetOutput(0, PartialShape.OfRank(1));
        context.SetOutputValue(0, PartialIntegers.SizesOf(PartialShape.Broadcast(context.InputAsShape(0), context.InputAsShape(1))));
    }

    public static PartialShape Insert(PartialShape shape, int at, long size) =>
        shape.Slice(0, at).Concat(PartialShape.Vector(size)).Concat(shape.Slice(at, shape.Rank));

    /// <summary>The elements stay: a vector of one that becomes a scalar is still the same number.</summary>
    private static void SetReshaped(ShapeContext context, PartialShape shape)
    {
        context.SetOutput(0, shape);
        if (shape.Rank is 0 or 1 && context.InputIntegers(0) is { } value && (shape.Rank == 1 || value.Elements.Count == 1))
        {
            context.SetOutputValue(0, shape.Rank == 0 ? PartialIntegers.Scalar(value.Elements[0]) : PartialIntegers.Vector([.. value.Elements]));
        }
    }
}
