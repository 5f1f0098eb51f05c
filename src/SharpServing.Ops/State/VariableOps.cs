using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Resources;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.State;

/// <summary>Resource variables (TensorFlow 2 and late 1.x).</summary>
internal static class VariableOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("VarHandleOp", ShapeFunctions.Scalars, MakeHandle, OpTraits.ConstantHandle);
        registry.Add("ReadVariableOp", ShapeFunctions.Unknown, Read, OpTraits.NoEffect);
        registry.Add("_ReadVariablesOp", ShapeFunctions.Unknown, Read, OpTraits.NoEffect);
        registry.Add("VarIsInitializedOp", ShapeFunctions.Scalars, static context =>
            context.SetOutput(0, Tensor.FromScalar(Handle(context, 0).Resource is Variable { IsInitialized: true })), OpTraits.NoEffect);
        registry.Add("DisableCopyOnRead", ShapeFunctions.NoOutput, static _ => { });
        registry.Add("AssignVariableOp", ShapeFunctions.NoOutput, MakeAssign, OpTraits.WritesResource);
        registry.Add("AssignAddVariableOp", ShapeFunctions.NoOutput, builder => MakeUpdate(builder, subtract: false), OpTraits.WritesResource);
        registry.Add("AssignSubVariableOp", ShapeFunctions.NoOutput, builder => MakeUpdate(builder, subtract: true), OpTraits.WritesResource);
        registry.Add("VariableShape", StateShapes.VariableShape, static context =>
        {
            using var value = new Held(ReadOrMissing(context, notFound: true));
            Shape shape = value.Tensor.Shape;
            context.SetOutput(0, IndexInput.Make(context.OutputType(0), shape.Dimensions, new Shape(shape.Rank)));
        }, OpTraits.NoEffect);
        registry.Add("DestroyResourceOp", ShapeFunctions.NoOutput, MakeDestroy, OpTraits.WritesResource);
    }

    public static ResourceHandle Handle(OpContext context, int input) =>
        context.Input(input).Objects is [ResourceHandle handle, ..]
            ? handle
            : throw StatusException.InvalidArgument("Trying to access resource using the wrong type.");

    /// <summary>One reference to a variable's value for the caller.</summary>
    /// <param name="notFound">The code of ops that look the resource up themselves, instead of ReadVariableOp's.</param>
    public static Tensor ReadOrMissing(OpContext context, bool notFound)
    {
        ResourceHandle handle = Handle(context, 0);
        if (handle.Resource is Variable variable && variable.Read() is { } value)
        {
            return value;
        }

        string lookup = context.Run.Session.HasContainer(handle.Container)
            ? $"Resource {handle.Container}/{handle.Name}/{handle.Kind} does not exist."
            : $"Container {handle.Container} does not exist. (Could not find resource: {handle.Container}/{handle.Name})";
        if (notFound)
        {
            throw StatusException.NotFound(lookup);
        }

        throw StatusException.FailedPrecondition(
            $"Could not find variable {handle.Name}. This could mean that the variable has been deleted. In TF1, it can also mean the variable is uninitialized. " +
            $"Debug info: container={handle.Container}, status error message={lookup}");
    }

    private static OpKernel MakeDestroy(KernelBuilder builder)
    {
        bool ignoreMissing = builder.Attributes.Bool("ignore_lookup_error");
        return new LambdaKernel(context =>
        {
            ResourceHandle handle = Handle(context, 0);
            if (handle.Resource is null && !ignoreMissing)
            {
                throw StatusException.NotFound(context.Run.Session.HasContainer(handle.Container)
                    ? $"Resource {handle.Container}/{handle.Name}/{handle.Kind} does not exist."
                    : $"Container {handle.Container} does not exist.");
            }

            handle.Set(null);
        });
    }

    private static OpKernel MakeHandle(KernelBuilder builder)
    {
        string name = builder.Attributes.String("shared_name") is { Length: > 0 } shared ? shared : builder.Node.Name;
        ResourceHandle handle = builder.Session.Handle(
            builder.Attributes.String("container"), name, ResourceKinds.Variable, builder.Attributes.Type("dtype"));
        return new LambdaKernel(context => context.SetOutput(0, Tensor.FromObject(DType.Resource, handle)));
    }

    private static void Read(OpContext context)
    {
        Tensor value = ReadOrMissing(context, notFound: false);
        if (value.DType != context.OutputType(0))
        {
            ServingStatus status = ServingStatus.InvalidArgument(
                $"Trying to read variable with wrong dtype. Expected {context.OutputType(0).ToName()} got {value.DType.ToName()}");
            value.Release();
            throw new StatusException(status);
        }

        context.SetOutput(0, value);
    }

    private static OpKernel MakeAssign(KernelBuilder builder)
    {
        bool validateShape = builder.Attributes.Has("validate_shape") && builder.Attributes.Bool("validate_shape");
        return new LambdaKernel(context =>
        {
            ResourceHandle handle = Handle(context, 0);
            Tensor value = context.Input(1);
            Variable variable = handle.GetOrCreate(static () => new Variable());
            if (validateShape && variable.Read() is { } old)
            {
                Shape oldShape = old.Shape;
                old.Release();
                if (oldShape != value.Shape)
                {
                    throw StatusException.InvalidArgument(
                        $"Trying to assign to variable with tensor with wrong shape. Expected {oldShape} got {value.Shape}");
                }
            }

            variable.Assign(value.AddRef());
        });
    }

    private static OpKernel MakeUpdate(KernelBuilder builder, bool subtract)
    {
        DType type = builder.Attributes.Type("dtype");
        Action<Tensor, Tensor, Tensor> apply = VariableUpdate.For(type, subtract) ?? throw new UnsupportedOpException($"dtype {type.ToName()}");
        return new LambdaKernel(context =>
        {
            Tensor change = context.Input(1);
            ResourceHandle handle = Handle(context, 0);
            if (handle.Resource is not Variable variable)
            {
                ReadOrMissing(context, notFound: true).Release();
                return;
            }

            lock (variable.UpdateLock)
            {
                using var old = new Held(ReadOrMissing(context, notFound: true));
                if (old.Tensor.Shape != change.Shape)
                {
                    throw StatusException.InvalidArgument(
                        $"Cannot update variable with shape {old.Tensor.Shape} using a Tensor with shape {change.Shape}, shapes must be equal.");
                }

                Tensor updated = Tensor.Allocate(type, change.Shape);
                apply(old.Tensor, change, updated);
                variable.Assign(updated);
            }
        });
    }
}
