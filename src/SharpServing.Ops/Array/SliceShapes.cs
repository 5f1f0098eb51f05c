using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Array;

/// <summary>Shapes of parts of a tensor, and the elements where the tensor is a shape itself.</summary>
internal static class SliceShapes
{
    public static void Slice(ShapeContext context)
    {
        PartialIntegers? begin = context.InputIntegers(1);
        PartialIntegers? size = context.InputIntegers(2);
        PartialShape input = context.InputShape(0);
        int rank = input.HasRank ? input.Rank : begin?.Elements.Count ?? size?.Elements.Count ?? -1;
        if (rank < 0)
        {
            return;
        }

        input = input.WithRank(rank);
        long[] sizes = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            long? from = begin?.Elements.Count == rank ? begin.Elements[i] : null;
            long? count = size?.Elements.Count == rank ? size.Elements[i] : null;
            sizes[i] = count >= 0 ? count.Value
                : count == -1 && from is { } first && input[i] >= first && first >= 0 ? input[i] - first
                : -1;
        }

        context.SetOutput(0, new PartialShape(sizes));
        if (rank == 1 && sizes[0] >= 0 && begin?.Elements is [{ } start] && context.InputIntegers(0) is { IsScalar: false } value
            && start >= 0 && start + sizes[0] <= value.Elements.Count)
        {
            context.SetOutputValue(0, PartialIntegers.Vector([.. value.Elements.Skip((int)start).Take((int)sizes[0])]));
        }
    }

    public static void StridedSlice(ShapeContext context)
    {
        if (PartialStridedSlice.Make(
            context.InputShape(0), context.InputIntegers(1), context.InputIntegers(2), context.InputIntegers(3), StridedSliceSpec.Masks.From(context.Attributes))
            is not { } slice)
        {
            return;
        }

        context.SetOutput(0, slice.FinalShape);
        if (slice.FinalShape.Rank is not (0 or 1) || context.InputIntegers(0) is not { } value)
        {
            return;
        }

        if (value.IsScalar)
        {
            context.SetOutputValue(0, slice.FinalShape.Rank == 0 ? value : PartialIntegers.Vector(value.Elements[0]));
        }
        else if (slice.Begin[0] is { } from && slice.Stride[0] is { } stride && slice.Size[0] is >= 0 and var size && Fits(from, stride, size, value))
        {
            var elements = new long?[size];
            for (int i = 0; i < elements.Length; i++)
            {
                elements[i] = value.Elements[(int)(from + (i * stride))];
            }

            context.SetOutputValue(0, slice.FinalShape.Rank == 1 ? PartialIntegers.Vector(elements)
                : elements.Length == 1 ? PartialIntegers.Scalar(elements[0]) : null);
        }
    }

    /// <summary>Input 0 is the axis; as many parts as outputs.</summary>
    public static void Split(ShapeContext context)
    {
        PartialShape input = context.InputShape(1);
        if (!input.HasRank || context.OutputCount == 0)
        {
            return;
        }

        int axis = context.InputScalar(0) is { } given ? input.Axis(given) : -1;
        PartialShape part = axis < 0 ? PartialShape.OfRank(input.Rank)
            : input.With(axis, input[axis] >= 0 && input[axis] % context.OutputCount == 0 ? input[axis] / context.OutputCount : -1);
        for (int i = 0; i < context.OutputCount; i++)
        {
            context.SetOutput(i, part);
        }
    }

    public static void SplitV(ShapeContext context)
    {
        PartialShape input = context.InputShape(0);
        if (!input.HasRank)
        {
            return;
        }

        if (context.OutputCount == 1)
        {
            context.SetOutput(0, input);
            return;
        }

        int axis = context.InputScalar(2) is { } given ? input.Axis(given) : -1;
        PartialIntegers? sizes = context.InputIntegers(1);
        bool known = axis >= 0 && sizes is { IsScalar: false } && sizes.Elements.Count == context.OutputCount;
        long rest = known && sizes!.IsComplete && input[axis] >= 0 ? input[axis] : -1;
        for (int i = 0; rest >= 0 && i < context.OutputCount; i++)
        {
            long asked = sizes!.Elements[i]!.Value;
            rest = asked > rest ? -1 : rest - System.Math.Max(asked, 0);
        }

        for (int i = 0; i < context.OutputCount; i++)
        {
            long size = !known || sizes!.Elements[i] is not { } asked ? -1 : asked >= 0 ? asked : rest;
            context.SetOutput(i, axis < 0 ? PartialShape.OfRank(input.Rank) : input.With(axis, size));
        }
    }

    public static void Unpack(ShapeContext context)
    {
        PartialShape input = context.InputShape(0);
        int axis = input.Axis(context.Attributes.Int("axis"));
        if (axis < 0)
        {
            return;
        }

        PartialShape part = input.Slice(0, axis).Concat(input.Slice(axis + 1, input.Rank));
        PartialIntegers? value = context.InputIntegers(0);
        for (int i = 0; i < context.OutputCount; i++)
        {
            context.SetOutput(i, part);
            if (value is { IsScalar: false } && value.Elements.Count == context.OutputCount)
            {
                context.SetOutputValue(i, PartialIntegers.Scalar(value.Elements[i]));
            }
        }
    }

    private static bool Fits(long from, long stride, long size, PartialIntegers value) =>
        size == 0 || (from >= 0 && from < value.Elements.Count && size <= value.Elements.Count
            && from + ((size - 1) * stride) >= 0 && from + ((size - 1) * stride) < value.Elements.Count);
}
