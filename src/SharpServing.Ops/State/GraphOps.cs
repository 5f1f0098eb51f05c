using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.State;

/// <summary>Ops that are part of a graph's frame: constants, placeholders, identities.</summary>
internal static class GraphOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Const", StateShapes.Const, MakeConst);
        registry.Add("HostConst", StateShapes.Const, MakeConst);
        registry.Add("Placeholder", ShapeFunctions.Unknown, MakePlaceholder, OpTraits.NoFold);
        registry.Add("PlaceholderV2", ShapeFunctions.Unknown, MakePlaceholder, OpTraits.NoFold);
        registry.Add("PlaceholderWithDefault", ShapeFunctions.Forwarded, context => context.Forward(0, 0), OpTraits.NoFold);
        registry.Add("NoOp", ShapeFunctions.NoOutput, static _ => { });
        registry.Add("ControlTrigger", ShapeFunctions.NoOutput, static _ => { }, OpTraits.RunsWhenDead);
        foreach (string op in (string[])["Identity", "StopGradient", "PreventGradient", "Snapshot", "DebugGradientIdentity"])
        {
            registry.Add(op, ShapeFunctions.Forwarded, static context => context.Forward(0, 0), OpTraits.Identity);
        }

        registry.Add("DeepCopy", ShapeFunctions.Forwarded, MakeDeepCopy);
        registry.Add("IdentityN", ShapeFunctions.Forwarded, ForwardAll);
        registry.Add("OptimizationBarrier", ShapeFunctions.Forwarded, ForwardAll);
        registry.Add("EnsureShape", StateShapes.EnsureShape, MakeEnsureShape);
    }

    private static OpKernel MakeConst(KernelBuilder builder)
    {
        if (TensorProtoConverter.TryConvert(builder.Attributes.TensorProto("value")) is not { } value)
        {
            throw StatusException.InvalidArgument($"Cannot parse tensor from proto: {builder.Attributes.TensorProto("value")}");
        }

        DType type = builder.Attributes.Type("dtype");
        if (value.DType != type)
        {
            throw StatusException.InvalidArgument(
                $"Type mismatch between value ({value.DType.ToName()}) and dtype ({type.ToName()})");
        }

        return new ConstKernel(value);
    }

    private static OpKernel MakePlaceholder(KernelBuilder builder)
    {
        DType type = builder.Attributes.Type("dtype");
        PartialShape shape = builder.Attributes.Shape("shape");
        string name = builder.Node.Name;
        string suffix = shape.HasRank && (shape.Rank > 0) ? $" and shape {shape}" : "";
        return new LambdaKernel(_ => throw StatusException.InvalidArgument(
            $"You must feed a value for placeholder tensor '{name}' with dtype {type.ToName()}{suffix}"));
    }

    /// <summary>Tensors never change: a copy is the tensor itself. Source: tensorflow/core/kernels/inplace_ops.cc.</summary>
    private static LambdaKernel MakeDeepCopy(KernelBuilder builder)
    {
        DType type = builder.InputType(0);
        bool isCopied = type is DType.Bool or DType.String or DType.Variant || type.IsComplex()
            || type is DType.Half or DType.BFloat16 or DType.Float or DType.Double
            || type is DType.Int8 or DType.Int16 or DType.Int32 or DType.Int64 or DType.UInt8 or DType.UInt16 or DType.UInt32 or DType.UInt64;
        return isCopied
            ? new LambdaKernel(static context => context.Forward(0, 0))
            : new LambdaKernel(_ => throw StatusException.InvalidArgument($"Unsupported data type: {type.ToName()}"));
    }

    private static OpKernel MakeEnsureShape(KernelBuilder builder)
    {
        PartialShape expected = builder.Attributes.Shape("shape");
        return new LambdaKernel(context =>
        {
            if (!expected.IsCompatibleWith(context.Input(0).Shape))
            {
                throw StatusException.InvalidArgument(
                    $"Shape of tensor {context.NodeName} {context.Input(0).Shape} is not compatible with expected shape {expected}.");
            }

            context.Forward(0, 0);
        });
    }

    private static void ForwardAll(Runtime.Execution.OpContext context)
    {
        for (int i = 0; i < context.InputCount; i++)
        {
            context.Forward(i, i);
        }
    }

    /// <summary>Gives out one value, which it owns for the life of the plan.</summary>
    private sealed class ConstKernel(Tensor value) : OpKernel, IDisposable
    {
        public void Dispose() => value.Release();

        public override void Compute(Runtime.Execution.OpContext context) => context.SetOutput(0, value.AddRef());
    }
}
