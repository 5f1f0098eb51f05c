using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Ops.ControlFlow;

/// <summary>If, Case and calls that could not be inlined: nested plans.</summary>
internal static class ConditionalOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("If", ShapeFunctions.Unknown, MakeIf);
        registry.Add("StatelessIf", ShapeFunctions.Unknown, MakeIf, OpTraits.NoFold | OpTraits.RunsWhenAwaited);
        registry.Add("Case", ShapeFunctions.Unknown, MakeCase);
        registry.Add("StatelessCase", ShapeFunctions.Unknown, MakeCase, OpTraits.NoFold | OpTraits.RunsWhenAwaited);
        registry.Add("PartitionedCall", ShapeFunctions.Unknown, MakeCall, OpTraits.NoFold | OpTraits.RunsWhenAwaited);
        registry.Add("StatefulPartitionedCall", ShapeFunctions.Unknown, MakeCall);
    }

    private static OpKernel MakeIf(KernelBuilder builder)
    {
        Tensor?[] constants = ConstantArguments(builder, 1);
        FunctionCall then = FunctionCall.Branch(builder, builder.Attributes.Function("then_branch"), constants);
        FunctionCall otherwise = FunctionCall.Branch(builder, builder.Attributes.Function("else_branch"), constants);
        Action<Tensor> check = Truth.CheckOf(builder);
        return new LambdaKernel(context =>
        {
            check(context.Input(0));
            (Truth.Of(context.Input(0)) ? then : otherwise).Run(context);
        });
    }

    private static OpKernel MakeCase(KernelBuilder builder)
    {
        Tensor?[] constants = ConstantArguments(builder, 1);
        FunctionCall[] branches = [.. builder.Attributes.Functions("branches").Select(branch => FunctionCall.Branch(builder, branch, constants))];
        Action<Tensor> check = Truth.CheckOf(builder);
        return new LambdaKernel(context =>
        {
            Tensor index = context.Input(0);
            check(index);
            if (index.Rank != 0)
            {
                throw StatusException.InvalidArgument("branch_index must be scalar");
            }

            int branch = index.Scalar<int>();
            branches[branch < 0 || branch >= branches.Length ? branches.Length - 1 : branch].Run(context);
        });
    }

    private static OpKernel MakeCall(KernelBuilder builder)
    {
        NameAttrList function = builder.Attributes.Function("f");
        FunctionCall call = FunctionCall.Plain(builder, function);
        return new LambdaKernel(context =>
        {
            context.Run.EnterCall(function.Name);
            call.Run(context);
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
}
