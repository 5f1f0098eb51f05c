using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Math;

/// <summary>Shapes of elementwise ops, and the arithmetic that graphs do on shapes.</summary>
internal static class ArithmeticShapes
{
    /// <summary>Broadcasts, and computes integers that are known before the run; null: the op fails or the answer has more than 64 bits.</summary>
    public static ShapeFunction Integers(Func<Int128, Int128, Int128?> function) => context =>
    {
        ShapeFunctions.Broadcast(context);
        if (context.InputIntegers(0) is not { } left || context.InputIntegers(1) is not { } right
            || (left.Elements.Count != right.Elements.Count && left.Elements.Count != 1 && right.Elements.Count != 1))
        {
            return;
        }

        // One element goes with any number of them, none among those.
        int count = left.Elements.Count == 1 ? right.Elements.Count : left.Elements.Count;
        var elements = new long?[count];
        for (int i = 0; i < count; i++)
        {
            long? a = left.Elements[left.Elements.Count == 1 ? 0 : i];
            long? b = right.Elements[right.Elements.Count == 1 ? 0 : i];
            elements[i] = a is null || b is null || function(a.Value, b.Value) is not { } value || value < long.MinValue || value > long.MaxValue
                ? null
                : (long)value;
        }

        context.SetOutputValue(0, left.IsScalar && right.IsScalar ? PartialIntegers.Scalar(elements[0]) : PartialIntegers.Vector(elements));
    };

    public static Int128? FloorDivide(Int128 x, Int128 y) => y == 0 ? null : (x / y) - (x % y != 0 && x < 0 != y < 0 ? 1 : 0);

    public static Int128? FloorModulo(Int128 x, Int128 y) => FloorDivide(x, y) is { } quotient ? x - (quotient * y) : null;

    public static void Cast(ShapeContext context)
    {
        ShapeFunctions.Unchanged(context);
        context.SetOutputValue(0, context.InputIntegers(0));
    }

    /// <summary>Without a check, shapes that do not go together give one false.</summary>
    public static void Equality(ShapeContext context)
    {
        PartialShape shape = PartialShape.Broadcast(context.InputShape(0), context.InputShape(1));
        if (context.Attributes.Bool("incompatible_shape_error") || (context.InputShape(0).IsFullyDefined && context.InputShape(1).IsFullyDefined))
        {
            context.SetOutput(0, shape);
        }
    }

    public static void SameShapes(ShapeContext context) => context.SetOutput(0, context.InputShape(0).Merge(context.InputShape(1)));

    /// <summary>Integers from start to limit in steps.</summary>
    public static void Range(ShapeContext context)
    {
        context.SetOutput(0, PartialShape.OfRank(1));
        if (context.InputScalar(0) is not { } start || context.InputScalar(1) is not { } limit || context.InputScalar(2) is not { } delta || delta == 0)
        {
            return;
        }

        Int128 distance = delta > 0 ? (Int128)limit - start : (Int128)start - limit;
        Int128 step = Int128.Abs(delta);
        Int128 count = (distance + step - 1) / step;
        if (distance < 0 || count > long.MaxValue)
        {
            return;
        }

        context.SetOutput(0, PartialShape.Vector((long)count));
        if (count <= PartialIntegers.MaxLength)
        {
            var elements = new long?[(int)count];
            for (int i = 0; i < elements.Length; i++)
            {
                elements[i] = start + (i * delta);
            }

            context.SetOutputValue(0, PartialIntegers.Vector(elements));
        }
    }

    public static void LinSpace(ShapeContext context) => context.SetOutput(0, PartialShape.Vector(context.InputScalar(2) is > 0 and var count ? count : -1));
}
