using System.Buffers;
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
        registry.Add("StatelessWhile", ShapeFunctions.Unknown, MakeWhile, OpTraits.NoFold | OpTraits.RunsWhenAwaited);
        registry.Add("_Loop", LoopShapes.Loop, MakeLoop, OpTraits.NoEffect | OpTraits.RunsWhenAwaited);
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

        NameAttrList condition = builder.Attributes.Function("cond");
        CheckFunctions(builder, condition, body);
        return new WhileKernel(builder.Compile(condition, constants), builder.Compile(body, constants), builder.InputCount, Truth.IsLowered(builder));
    }

    /// <exception cref="StatusException">INVALID_ARGUMENT: condition or body do not take or give the loop's variables.</exception>
    private static void CheckFunctions(KernelBuilder builder, NameAttrList condition, NameAttrList body)
    {
        (DType[] tested, DType[] test) = builder.TypesOf(condition);
        (DType[] arguments, DType[] results) = builder.TypesOf(body);
        foreach (DType[] expected in (ReadOnlySpan<DType[]>)[tested, arguments])
        {
            if (FunctionCall.CheckArguments(builder, expected, 0) is { IsOk: false } mismatch)
            {
                throw new StatusException(mismatch);
            }
        }

        if (test.Length != 1)
        {
            throw StatusException.InvalidArgument($"Expected a single scalar return value from WhileOp cond, got {test.Length} tensors.");
        }

        if (results.Length != builder.InputCount)
        {
            throw StatusException.InvalidArgument($"While loop body returned {results.Length} arguments. Expected: {builder.InputCount}");
        }

        for (int i = 0; i < results.Length; i++)
        {
            if (results[i] != builder.InputType(i))
            {
                throw StatusException.InvalidArgument(
                    $"Expected type {builder.InputType(i).ToName()} for output {i} of the loop body but got {results[i].ToName()}");
            }
        }
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
            Tensor?[] pooled = ArrayPool<Tensor?>.Shared.Rent(2 * count);

            // Behind the variables lie inputs that each turn gets again.
            Span<Tensor?> variables = pooled.AsSpan(0, count);
            Span<Tensor?> next = pooled.AsSpan(count, count);
            try
            {
                for (int i = 0; i < count; i++)
                {
                    variables[i] = context.Take(i);
                }

                while (Test(variables, context.Run))
                {
                    // Neither function may have a step that looks.
                    context.Run.ThrowIfCancelled();
                    for (int i = variableCount; i < count; i++)
                    {
                        next[i] = variables[i]!.AddRef();
                    }

                    body.RunMoved(variables, next[..variableCount], context.Run);
                    Span<Tensor?> spent = variables;
                    variables = next;
                    next = spent;
                }

                for (int i = 0; i < variableCount; i++)
                {
                    context.SetOutput(i, variables[i]!);
                    variables[i] = null;
                }
            }
            finally
            {
                foreach (ref Tensor? tensor in pooled.AsSpan(0, 2 * count))
                {
                    tensor?.Recycle();
                    tensor = null;
                }

                ArrayPool<Tensor?>.Shared.Return(pooled);
            }
        }

        private bool Test(ReadOnlySpan<Tensor?> variables, RunState run)
        {
            Tensor? answer = null;
            condition.Run(variables!, new Span<Tensor?>(ref answer), run);
            try
            {
                return Truth.Of(answer!, lowered);
            }
            finally
            {
                answer!.Recycle();
            }
        }
    }
}
