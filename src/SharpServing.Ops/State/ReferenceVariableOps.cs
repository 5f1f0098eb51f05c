using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Resources;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.State;

/// <summary>
/// Reference variables (TensorFlow 1). A reference is a tensor of the variable's dtype whose one element is its <see cref="ResourceHandle"/>;
/// the importer puts a read wherever a value is wanted.
/// </summary>
internal static class ReferenceVariableOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("VariableV2", ShapeFunctions.Unknown, MakeHandle, OpTraits.ConstantHandle);
        registry.Add("Variable", ShapeFunctions.Unknown, MakeHandle, OpTraits.ConstantHandle);
        registry.Add("_ReadReference", ShapeFunctions.Unknown, MakeRead, OpTraits.NoEffect);
        registry.Add("RefIdentity", ShapeFunctions.Unknown, static context => context.Forward(0, 0), OpTraits.Identity);
        registry.Add("Assign", ShapeFunctions.Unknown, MakeAssign, OpTraits.WritesResource);
        registry.Add("AssignAdd", ShapeFunctions.Unknown, builder => MakeUpdate(builder, subtract: false), OpTraits.WritesResource);
        registry.Add("AssignSub", ShapeFunctions.Unknown, builder => MakeUpdate(builder, subtract: true), OpTraits.WritesResource);
        registry.Add("IsVariableInitialized", ShapeFunctions.Scalars, static context =>
            context.SetOutput(0, Tensor.FromScalar(VariableOps.Handle(context, 0).Resource is Variable { IsInitialized: true })), OpTraits.NoEffect);
    }

    private static OpKernel MakeHandle(KernelBuilder builder)
    {
        string name = builder.Attributes.String("shared_name") is { Length: > 0 } shared ? shared : builder.Node.Name;
        DType type = builder.Attributes.Type("dtype");
        ResourceHandle handle = builder.Session.Handle(builder.Attributes.String("container"), name, ResourceKinds.LegacyVariable, type);
        return new LambdaKernel(context => context.SetOutput(0, Tensor.FromObject(type, handle)));
    }

    private static Tensor ReadOrMissing(ResourceHandle handle, string name) =>
        (handle.Resource as Variable)?.Read()
            ?? throw StatusException.FailedPrecondition($"Attempting to use uninitialized value {name}");

    private static OpKernel MakeRead(KernelBuilder builder)
    {
        string source = builder.Attributes.String("_source");
        return new LambdaKernel(context => context.SetOutput(0, ReadOrMissing(VariableOps.Handle(context, 0), source)));
    }

    private static OpKernel MakeAssign(KernelBuilder builder)
    {
        bool validateShape = builder.Attributes.Bool("validate_shape");
        return new LambdaKernel(context =>
        {
            ResourceHandle handle = VariableOps.Handle(context, 0);
            Tensor value = context.Input(1);
            Variable variable = handle.GetOrCreate(static () => new Variable());
            if (validateShape && variable.Read() is { } old)
            {
                Shape oldShape = old.Shape;
                old.Release();
                if (oldShape != value.Shape)
                {
                    throw StatusException.InvalidArgument(
                        $"Assign requires shapes of both tensors to match. lhs shape= {oldShape} rhs shape= {value.Shape}");
                }
            }

            variable.Assign(value.AddRef());
            context.Forward(0, 0);
        });
    }

    private static OpKernel MakeUpdate(KernelBuilder builder, bool subtract)
    {
        DType type = builder.Attributes.Type("T");
        Action<Tensor, Tensor, Tensor> apply = VariableUpdate.For(type, subtract) ?? throw new UnsupportedOpException($"dtype {type.ToName()}");
        string name = builder.Node.Inputs[0].Node.Name;
        return new LambdaKernel(context =>
        {
            ResourceHandle handle = VariableOps.Handle(context, 0);
            Tensor change = context.Input(1);
            Variable variable = handle.GetOrCreate(static () => new Variable());
            lock (variable.UpdateLock)
            {
                using var old = new Held(ReadOrMissing(handle, name));
                if (old.Tensor.Shape != change.Shape)
                {
                    throw StatusException.InvalidArgument("Parameters and update must be the same size");
                }

                Tensor updated = Tensor.Allocate(type, change.Shape);
                apply(old.Tensor, change, updated);
                variable.Assign(updated);
            }

            context.Forward(0, 0);
        });
    }
}
