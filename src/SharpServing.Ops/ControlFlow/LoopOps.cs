using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Planning;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Ops.ControlFlow;

/// <summary>While: two nested plans, run in turn. Constants that the body only passes on are built into both.</summary>
internal static class LoopOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("While", ShapeFunctions.Unknown, MakeWhile);
        registry.Add("StatelessWhile", ShapeFunctions.Unknown, MakeWhile, OpTraits.NoFold);
        registry.Add("_Loop", LoopShapes.Loop, MakeLoop, OpTraits.NoEffect);
    }

    private static OpKernel MakeWhile(KernelBuilder builder)
    {
        NameAttrList body = builder.Attributes.Function("body");
        bool[] invariant = builder.FindInvariants(body);
        var constants = new Tensor?[builder.InputCount];
        for (int i = 0; i < constants.Length && i < invariant.Length; i++)
        {
            constants[i] = invariant[i] ? builder.ConstantInput(i) : null;
        }

        CompiledFunction condition = builder.Compile(builder.Attributes.Function("cond"), constants);
        return new WhileKernel(condition, builder.Compile(body, constants), builder.InputCount, Truth.IsLowered(builder));
    }

    /// <summary>A TensorFlow 1 loop: inputs behind its variables never change.</summary>
    private static OpKernel MakeLoop(KernelBuilder builder)
    {
        LoopGraphs loop = builder.Node.Loop!;
        var constants = new Tensor?[builder.InputCount];
        for (int i = loop.VariableCount; i < constants.Length; i++)
        {
            constants[i] = builder.ConstantInput(i);
        }

        return new WhileKernel(builder.Compile(loop.Condition, constants), builder.Compile(loop.Body, constants), loop.VariableCount, lowered: true);
    }

    private sealed class WhileKernel(CompiledFunction condition, CompiledFunction body, int variableCount, bool lowered) : OpKernel
    {
        public override void Compute(OpContext context)
        {
            int count = context.InputCount;

            // Behind the variables lie inputs that each turn gets again.
            var variables = new Tensor?[count];
            var next = new Tensor?[count];
            var test = new Tensor?[1];
            for (int i = 0; i < count; i++)
            {
                variables[i] = context.Input(i).AddRef();
            }

            try
            {
                while (true)
                {
                    condition.Run(variables!, test, context.Run);
                    bool goOn = Truth.Of(test[0]!, lowered);
                    test[0]!.Release();
                    test[0] = null;
                    if (!goOn)
                    {
                        break;
                    }

                    for (int i = variableCount; i < count; i++)
                    {
                        next[i] = variables[i]!.AddRef();
                    }

                    body.RunMoved(variables, next.AsSpan(0, variableCount), context.Run);
                    (variables, next) = (next, variables);
                }
            }
            catch
            {
                Release(variables);
                Release(next);
                throw;
            }

            for (int i = 0; i < count; i++)
            {
                if (i < variableCount)
                {
                    context.SetOutput(i, variables[i]!);
                }
                else
                {
                    variables[i]!.Release();
                }
            }
        }

        private static void Release(Tensor?[] tensors)
        {
            foreach (ref Tensor? tensor in tensors.AsSpan())
            {
                tensor?.Release();
                tensor = null;
            }
        }
    }
}
