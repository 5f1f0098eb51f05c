using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.SavedModel;
using SharpServing.Tensors;

namespace SharpServing.Ops.State;

/// <summary>Reading checkpoints. Writing ops are known but refuse: a server does not save.</summary>
internal static class CheckpointOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("RestoreV2", ShapeFunctions.Unknown, RestoreV2, OpTraits.NoFold | OpTraits.NoEffect);
        registry.Add("Restore", ShapeFunctions.Unknown, static context => RestoreSlice(context, ""), OpTraits.NoFold | OpTraits.NoEffect);
        registry.Add("RestoreSlice", ShapeFunctions.Unknown, static context =>
        {
            if (context.Input(2).ElementCount != 1)
            {
                throw StatusException.InvalidArgument($"Input 2 (shape_and_slice) must be a string scalar; got a tensor of {context.Input(2).ElementCount} elements");
            }

            RestoreSlice(context, context.Input(2).Text(0));
        }, OpTraits.NoFold | OpTraits.NoEffect);
        registry.Add("ShardedFilename", ShapeFunctions.Scalars, static context =>
        {
            int shard = context.Input(1).Scalar<int>();
            int shards = context.Input(2).Scalar<int>();
            context.SetOutput(0, Tensor.FromStrings([$"{context.Input(0).Text(0)}-{shard:D5}-of-{shards:D5}"], Shape.Scalar));
        });
        registry.Add("SaveV2", ShapeFunctions.NoOutput, Refuse);
        registry.Add("MergeV2Checkpoints", ShapeFunctions.NoOutput, Refuse);
        registry.Add("Save", ShapeFunctions.NoOutput, Refuse);
        registry.Add("SaveSlices", ShapeFunctions.NoOutput, Refuse);
    }

    private static void Refuse(OpContext context) =>
        throw new StatusException(StatusCode.PermissionDenied, "A model server does not write checkpoints");

    private static void RestoreV2(OpContext context)
    {
        Tensor prefix = context.Input(0);
        Tensor names = context.Input(1);
        Tensor slices = context.Input(2);
        int count = context.OutputCount;
        if (prefix.ElementCount != 1)
        {
            throw StatusException.InvalidArgument($"Input prefix should have a single element, got {prefix.ElementCount} instead.");
        }

        if (names.Rank != 1 || names.ElementCount != count)
        {
            throw StatusException.InvalidArgument($"Input tensor_names should be an 1-D tensor with {count} elements, got {names.Shape} instead.");
        }

        if (slices.Rank != 1 || slices.ElementCount != count)
        {
            throw StatusException.InvalidArgument($"Input shape_and_slices should be an 1-D tensor with {count} elements, got {slices.Shape} instead.");
        }

        string[] nameTexts = new string[count];
        string[] sliceTexts = new string[count];
        var types = new DType[count];
        for (int i = 0; i < count; i++)
        {
            nameTexts[i] = names.Text(i);
            sliceTexts[i] = slices.Text(i);
            types[i] = context.OutputType(i);
        }

        var tensors = new Tensor?[count];
        ServingStatus status = CheckpointRestore.RestoreV2(prefix.Text(0), nameTexts, sliceTexts, types, tensors);
        if (!status.IsOk)
        {
            throw new StatusException(status);
        }

        for (int i = 0; i < count; i++)
        {
            context.SetOutput(i, tensors[i]!);
        }
    }

    private static void RestoreSlice(OpContext context, string slice)
    {
        ServingStatus status = CheckpointRestore.RestoreSlice(
            context.Input(0).Text(0), context.Input(1).Text(0), slice, context.OutputType(0), out Tensor? tensor);
        if (!status.IsOk)
        {
            throw new StatusException(status);
        }

        context.SetOutput(0, tensor!);
    }
}
