using SharpServing.Ops.Support;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>Shapes of reductions over axes.</summary>
internal static class ReductionShapes
{
    public static void Reduce(ShapeContext context) => context.SetOutput(0, Of(context, context.InputShape(0), 1));

    /// <summary>What is left of a shape, by the axes in an input and the attribute keep_dims.</summary>
    public static PartialShape Of(ShapeContext context, PartialShape input, int axesInput)
    {
        bool keeps = context.Attributes.Bool("keep_dims");
        if (input.Dimensions is not { } sizes || ReadAxes(context, axesInput) is not { } axes)
        {
            return keeps && input.HasRank ? PartialShape.OfRank(input.Rank) : PartialShape.Unknown;
        }

        bool[] reduced = new bool[sizes.Length];
        foreach (long axis in axes)
        {
            int at = input.Axis(axis);
            if (at < 0)
            {
                return PartialShape.Unknown;
            }

            reduced[at] = true;
        }

        return new PartialShape(keeps
            ? [.. sizes.Select((size, i) => reduced[i] ? 1 : size)]
            : [.. sizes.Where((_, i) => !reduced[i])]);
    }

    /// <summary>The same, and the sum or product of a vector that is known before the run.</summary>
    public static ShapeFunction Integers(Int128 first, Func<Int128, Int128, Int128> combine) => context =>
    {
        Reduce(context);
        if (context.InputIntegers(0) is not { IsScalar: false, IsComplete: true } value || ReadAxes(context, 1) is not [0 or -1])
        {
            return;
        }

        Int128 result = first;
        foreach (long? element in value.Elements)
        {
            result = combine(result, element!.Value);
            if (Int128.Abs(result) > long.MaxValue)
            {
                return;
            }
        }

        context.SetOutputValue(0, context.Attributes.Bool("keep_dims") ? PartialIntegers.Vector((long)result) : PartialIntegers.Scalar((long)result));
    };

    /// <summary>The place of the largest or smallest along one axis, which goes away.</summary>
    public static void ArgReduce(ShapeContext context)
    {
        PartialShape input = context.InputShape(0);
        if (input.Rank < 1)
        {
            return;
        }

        int axis = context.InputScalar(1) is { } given ? input.Axis(given) : -1;
        context.SetOutput(0, axis < 0 ? PartialShape.OfRank(input.Rank - 1) : input.Slice(0, axis).Concat(input.Slice(axis + 1, input.Rank)));
    }

    private static long[]? ReadAxes(ShapeContext context, int input)
    {
        // Axes of any rank are read flat.
        if (context.InputValue(input) is { } value && value.DType.IsInteger())
        {
            return IndexInput.All(value);
        }

        return context.InputIntegers(input) is { IsComplete: true } axes ? [.. axes.Elements.Select(axis => axis!.Value)] : null;
    }
}
