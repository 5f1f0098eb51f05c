using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Planning;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.ControlFlow;

/// <summary>If, Case and calls that could not be inlined: nested plans.</summary>
internal static class ConditionalOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("If", ShapeFunctions.Unknown, MakeIf);
        registry.Add("StatelessIf", ShapeFunctions.Unknown, MakeIf, OpTraits.NoFold);
        registry.Add("Case", ShapeFunctions.Unknown, MakeCase);
        registry.Add("StatelessCase", ShapeFunctions.Unknown, MakeCase, OpTraits.NoFold);
        registry.Add("PartitionedCall", ShapeFunctions.Unknown, MakeCall, OpTraits.NoFold);
        registry.Add("StatefulPartitionedCall", ShapeFunctions.Unknown, MakeCall);
    }

    private static OpKernel MakeIf(KernelBuilder builder)
    {
        Tensor?[] constants = ConstantArguments(builder, 1);
        CompiledFunction then = builder.Compile(builder.Attributes.Function("then_branch"), constants);
        CompiledFunction otherwise = builder.Compile(builder.Attributes.Function("else_branch"), constants);
        bool lowered = Truth.IsLowered(builder);
        return new LambdaKernel(context => Call(Truth.Of(context.Input(0), lowered) ? then : otherwise, context, 1));
    }

    private static OpKernel MakeCase(KernelBuilder builder)
    {
        Tensor?[] constants = ConstantArguments(builder, 1);
        CompiledFunction[] branches = [.. builder.Attributes.Functions("branches").Select(branch => builder.Compile(branch, constants))];
        bool lowered = Truth.IsLowered(builder);
        return new LambdaKernel(context =>
        {
            Tensor index = context.Input(0);
            Truth.CheckLowered(index, lowered);
            int branch = index.Scalar<int>();
            Call(branches[branch < 0 || branch >= branches.Length ? branches.Length - 1 : branch], context, 1);
        });
    }

    private static OpKernel MakeCall(KernelBuilder builder)
    {
        CompiledFunction function = builder.Compile(builder.Attributes.Function("f"));
        return new LambdaKernel(context =>
        {
            context.Run.EnterCall(function.Name);
            Call(function, context, 0);
            context.Run.LeaveCall();
        });
    }

    /// <summary>Values of the arguments behind <paramref name="first"/> that never change.</summary>
    private static Tensor?[] ConstantArguments(KernelBuilder builder, int first)
    {
        var constants = new Tensor?[builder.InputCount - first];
        for (int i = 0; i < constants.Length; i++)
        {
            constants[i] = builder.ConstantInput(first + i);
        }

        return constants;
    }

    private static void Call(CompiledFunction function, OpContext context, int first)
    {
        int count = context.InputCount - first;
        var arguments = new Tensor[count];
        for (int i = 0; i < count; i++)
        {
            arguments[i] = context.Input(first + i);
        }

        var results = new Tensor?[function.ResultCount];
        function.Run(arguments, results, context.Run);
        for (int i = 0; i < results.Length; i++)
        {
            context.SetOutput(i, results[i]!);
        }
    }
}
