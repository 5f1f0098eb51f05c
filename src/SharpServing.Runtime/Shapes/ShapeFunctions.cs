using SharpServing.Runtime.Attributes;

namespace SharpServing.Runtime.Shapes;

/// <summary>Shape functions that ops of several families share. Those of one family lie beside it in SharpServing.Ops.</summary>
public static class ShapeFunctions
{
    /// <summary>Nothing is known before the run.</summary>
    public static void Unknown(ShapeContext context)
    {
    }

    /// <summary>The op has no outputs.</summary>
    public static void NoOutput(ShapeContext context)
    {
    }

    /// <summary>Every output is a scalar.</summary>
    public static void Scalars(ShapeContext context)
    {
        for (int i = 0; i < context.OutputCount; i++)
        {
            context.SetOutput(i, PartialShape.Scalar);
        }
    }

    /// <summary>Output 0 has the shape of input 0, with other elements.</summary>
    public static void Unchanged(ShapeContext context) => context.SetOutput(0, context.InputShape(0));

    /// <summary>Output i is input i.</summary>
    public static void Forwarded(ShapeContext context)
    {
        for (int i = 0; i < context.OutputCount && i < context.InputCount; i++)
        {
            Forward(context, i, i);
        }
    }

    /// <summary>Output 0 has the shape that inputs 0 and 1 broadcast to.</summary>
    public static void Broadcast(ShapeContext context) =>
        context.SetOutput(0, PartialShape.Broadcast(context.InputShape(0), context.InputShape(1)));

    /// <summary>Input 0 holds the sizes of output 0.</summary>
    public static void FromSizes(ShapeContext context) => context.SetOutput(0, context.InputAsShape(0));

    /// <summary>One output is one input.</summary>
    public static void Forward(ShapeContext context, int output, int input)
    {
        context.SetOutput(output, context.InputShape(input));
        context.SetOutputValue(output, context.InputIntegers(input));
    }
}
