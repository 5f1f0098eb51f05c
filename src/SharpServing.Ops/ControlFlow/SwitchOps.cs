using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.ControlFlow;

/// <summary>TensorFlow 1 conditionals: Switch sends its input one way and deadness the other; Merge takes what is alive.</summary>
internal static class SwitchOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Switch", SwitchShapes.Switch, Switch);
        registry.Add("RefSwitch", SwitchShapes.Switch, Switch);
        registry.Add("Merge", SwitchShapes.Merge, Merge, OpTraits.RunsWhenDead);
        registry.Add("RefMerge", SwitchShapes.Merge, Merge, OpTraits.RunsWhenDead);
        registry.Add("LoopCond", ShapeFunctions.Forwarded, static context => context.Forward(0, 0));
    }

    private static void Switch(OpContext context)
    {
        Tensor predicate = context.Input(1);
        if (predicate.Rank != 0)
        {
            throw StatusException.InvalidArgument($"The second input must be a scalar, but it has shape {predicate.Shape}");
        }

        int taken = predicate.Scalar<bool>() ? 1 : 0;
        context.Forward(taken, 0);
        context.SetDead(1 - taken);
    }

    private static void Merge(OpContext context)
    {
        for (int i = 0; i < context.InputCount; i++)
        {
            if (!context.IsDead(i))
            {
                context.Forward(0, i);
                context.SetOutput(1, Tensor.FromScalar(i));
                return;
            }
        }

        context.SetDead(0);
        context.SetDead(1);
    }
}
