using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.ControlFlow;

/// <summary>Shapes behind loops.</summary>
internal static class LoopShapes
{
    /// <summary>A variable that the body gives out as it came in keeps its value; any other may change its shape in each round.</summary>
    public static void Loop(ShapeContext context)
    {
        if (context.Node.Loop is not { } loop)
        {
            return;
        }

        for (int i = 0; i < context.OutputCount; i++)
        {
            if (loop.Body.Results[i] is { Index: 0 } result && result.Node == loop.Body.Arguments[i])
            {
                ShapeFunctions.Forward(context, i, i);
            }
        }
    }
}
