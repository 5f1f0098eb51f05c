using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Ops.State;

/// <summary>Shapes of ops on state. A variable's declared shape holds nobody to it.</summary>
internal static class StateShapes
{
    /// <summary>Most constants hold their value when inference sees them; not those on a branch.</summary>
    public static void Const(ShapeContext context)
    {
        TensorProto proto = context.Attributes.TensorProto("value");
        PartialShape shape = PartialShape.FromProto(proto.TensorShape ?? new TensorShapeProto());
        if (!shape.IsFullyDefined)
        {
            return;
        }

        context.SetOutput(0, shape);
        if (shape.Rank <= 1 && shape.CountElements() <= PartialIntegers.MaxLength && context.OutputType(0).IsInteger()
            && TensorProtoConverter.TryConvert(proto) is { } value)
        {
            context.SetOutputValue(0, PartialIntegers.From(value));
            value.Release();
        }
    }

    /// <summary>The kernel checks what the attribute says.</summary>
    public static void EnsureShape(ShapeContext context)
    {
        ShapeFunctions.Forwarded(context);
        context.SetOutput(0, context.InputShape(0).Merge(context.Attributes.Shape("shape")));
    }

    public static void VariableShape(ShapeContext context) => context.SetOutput(0, PartialShape.OfRank(1));
}
