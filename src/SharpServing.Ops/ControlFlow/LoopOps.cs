using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Planning;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Ops.ControlFlow;

/// <summary>While: two nested plans, run in turn. Constants that the body only passes on are built into both.</summary>
internal static class LoopOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("While", MakeWhile);
        registry.Add("StatelessWhile", MakeWhile);
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
        return new WhileKernel(condition, builder.Compile(body, constants));
    }

    private sealed class WhileKernel(CompiledFunction condition, CompiledFunction body) : OpKernel
    {
        public override void Compute(OpContext context)
        {
            int count = context.InputCount;
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
                    bool goOn = Truth.Of(test[0]!);
                    test[0]!.Release();
                    if (!goOn)
                    {
                        break;
                    }

                    body.RunMoved(variables, next, context.Run);
                    (variables, next) = (next, variables);
                }
            }
            catch
            {
                foreach (Tensor? variable in variables)
                {
                    variable?.Release();
                }

                throw;
            }

            for (int i = 0; i < count; i++)
            {
                context.SetOutput(i, variables[i]!);
            }
        }
    }
}
