using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.State;

/// <summary>Shapes of ops on state. A variable's declared shape holds nobody to it.</summary>
internal static class StateShapes
{
    /// <summary>The kernel checks what the attribute says.</summary>
    public static void EnsureShape(ShapeContext context)
    {
        ShapeFunctions.Forwarded(context);
        context.SetOutput(0, context.InputShape(0).Merge(context.Attributes.Shape("shape")));
    }

    public static void VariableShape(ShapeContext context) => context.SetOutput(0, PartialShape.OfRank(1));
}
