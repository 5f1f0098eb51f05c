using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.ControlFlow;

/// <summary>Shapes behind TensorFlow 1 conditionals: of the output that is alive.</summary>
internal static class SwitchShapes
{
    public static void Switch(ShapeContext context)
    {
        for (int i = 0; i < context.OutputCount; i++)
        {
            ShapeFunctions.Forward(context, i, 0);
        }
    }

    /// <summary>Any input may be the one; output 1 says which.</summary>
    public static void Merge(ShapeContext context)
    {
        PartialShape shape = context.InputShape(0);
        for (int i = 1; i < context.InputCount; i++)
        {
            shape = shape.Common(context.InputShape(i));
        }

        context.SetOutput(0, shape);
        context.SetOutput(1, PartialShape.Scalar);
    }
}
