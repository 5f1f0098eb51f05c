using System.Numerics;
using SharpServing.Kernels;
using SharpServing.Ops.State;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>Rows by index: Gather, GatherV2, GatherNd, ResourceGather.</summary>
internal static class GatherOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Gather", GatherShapes.Gather, static context =>
        {
            if (context.Input(0).Rank < 1)
            {
                throw StatusException.InvalidArgument("params must be at least 1 dimensional");
            }

            context.SetOutput(0, GatherRows(context.Input(0), context.Input(1), 0, 0));
        });
        registry.Add("GatherV2", GatherShapes.GatherV2, MakeGatherV2);
        registry.Add("GatherNd", GatherShapes.GatherNd, static context => context.SetOutput(0, GatherNd(context.Input(0), context.Input(1), context.NodeName)));
        registry.Add("ResourceGather", ShapeFunctions.Unknown, MakeResourceGather, OpTraits.NoEffect);
        registry.Add("ResourceGatherNd", ShapeFunctions.Unknown, static context =>
        {
            using var value = new Held(VariableOps.ReadOrMissing(context, notFound: true));
            context.SetOutput(0, GatherNd(value.Tensor, context.Input(1), context.NodeName));
        }, OpTraits.NoEffect);
    }

    private static OpKernel MakeGatherV2(KernelBuilder builder)
    {
        long batchAttribute = builder.Attributes.Int("batch_dims");
        return new LambdaKernel(context =>
        {
            Tensor parameters = context.Input(0);
            Tensor indices = context.Input(1);
            Tensor axisInput = context.Input(2);
            if (parameters.Rank < 1)
            {
                throw StatusException.InvalidArgument("params must be at least 1 dimensional");
            }

            if (axisInput.Rank != 0)
            {
                throw StatusException.InvalidArgument("axis must be scalar");
            }

            long given = IndexInput.Scalar(axisInput);
            if (given < -parameters.Rank || given >= parameters.Rank)
            {
                throw StatusException.InvalidArgument($"Shape must be at least rank {(given < 0 ? -given : given + 1)} but is rank {parameters.Rank}");
            }

            int axis = (int)(given < 0 ? given + parameters.Rank : given);
            long batch = batchAttribute;
            if (batch != 0)
            {
                if (batch < -indices.Rank || batch > indices.Rank)
                {
                    throw StatusException.InvalidArgument($"Expected batch_dims in the range [{-indices.Rank}, {indices.Rank}], but got {batch}");
                }

                batch = batch < 0 ? batch + indices.Rank : batch;
                if (batch >= parameters.Rank)
                {
                    throw StatusException.InvalidArgument($"batch_dims ({batch}) must be less than rank(params) ({parameters.Rank}).");
                }

                if (axis < batch)
                {
                    throw StatusException.InvalidArgument($"batch_dims ({batch}) must be less than or equal to axis ({axis}).");
                }

                for (int i = 0; i < batch; i++)
                {
                    if (parameters.Shape[i] != indices.Shape[i])
                    {
                        throw StatusException.InvalidArgument(
                            $"params.shape[{i}]: {parameters.Shape[i]} should be equal to indices.shape[{i}]: {indices.Shape[i]}");
                    }
                }
            }

            context.SetOutput(0, GatherRows(parameters, indices, axis, (int)batch));
        });
    }

    private static OpKernel MakeResourceGather(KernelBuilder builder)
    {
        int batch = (int)builder.Attributes.Int("batch_dims");
        return new LambdaKernel(context =>
        {
            using var value = new Held(VariableOps.ReadOrMissing(context, notFound: true));
            if (value.Tensor.Rank < 1)
            {
                throw StatusException.InvalidArgument("params must be at least 1 dimensional");
            }

            context.SetOutput(0, GatherRows(value.Tensor, context.Input(1), batch, batch, acrossBatches: true));
        });
    }

    /// <summary>result[b, o, i…, inner] = parameters[b, o, indices[b, i…], inner].</summary>
    /// <param name="acrossBatches">An index may lead from its batch into another one, and an error names it as counted from the first: ResourceGather.</param>
    public static Tensor GatherRows(Tensor parameters, Tensor indices, int axis, int batch, bool acrossBatches = false)
    {
        Span<long> sizes = stackalloc long[parameters.Rank - 1 + indices.Rank - batch];
        int at = 0;
        foreach (long size in parameters.Shape.Dimensions[..axis])
        {
            sizes[at++] = size;
        }

        foreach (long size in indices.Shape.Dimensions[batch..])
        {
            sizes[at++] = size;
        }

        foreach (long size in parameters.Shape.Dimensions[(axis + 1)..])
        {
            sizes[at++] = size;
        }

        var shape = new Shape(sizes[..at]);
        long batches = parameters.Shape.CountOf(0, batch);
        long outer = parameters.Shape.CountOf(batch, axis);
        long limit = parameters.Shape[axis];
        long inner = parameters.Shape.CountOf(axis + 1, parameters.Rank);
        long count = indices.Shape.CountOf(batch, indices.Rank);
        if (shape.ElementCount == 0 && (inner == 0 || outer == 0 || batches == 0))
        {
            return new ElementWriter(parameters.DType, shape).Finish();
        }

        if (parameters.DType.IsPlain() && indices.DType is DType.Int32 or DType.Int64 && (batch == 0 || !acrossBatches))
        {
            return indices.DType == DType.Int32
                ? GatherPlain<int>(parameters, indices, axis, shape, batches, outer, count)
                : GatherPlain<long>(parameters, indices, axis, shape, batches, outer, count);
        }

        var writer = new ElementWriter(parameters.DType, shape);
        for (long b = 0; b < batches; b++)
        {
            for (long o = 0; o < outer; o++)
            {
                long row = ((b * outer) + o) * limit;
                long low = acrossBatches ? -row : 0;
                long end = acrossBatches ? (batches * limit) - row : limit;
                for (long i = 0; i < count; i++)
                {
                    long index = IndexInput.At(indices, (b * count) + i);
                    if (index < low || index >= end)
                    {
                        ThrowIndex(indices, (b * count) + i, index - low, acrossBatches ? parameters.Shape[0] : limit);
                    }

                    writer.Write(parameters, (row + index) * inner, inner);
                }
            }
        }

        return writer.Finish();
    }

    private static unsafe Tensor GatherPlain<TIndex>(Tensor parameters, Tensor indices, int axis, in Shape shape, long batches, long outer, long count)
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        long limit = parameters.Shape[axis];
        ReadOnlySpan<TIndex> all = indices.Span<TIndex>();
        long bad = GatherKernel.FindOutOfRange(all, limit);
        if (bad >= 0)
        {
            ThrowIndex(indices, bad, long.CreateTruncating(all[(int)bad]), limit);
        }

        Tensor result = Tensor.Allocate(parameters.DType, shape);
        long rowBytes = parameters.Shape.CountOf(axis + 1, parameters.Rank) * parameters.DType.SizeOf();
        for (long b = 0; b < batches && count > 0; b++)
        {
            GatherKernel.Rows(
                parameters.Data + (b * outer * limit * rowBytes),
                outer,
                limit,
                rowBytes,
                (TIndex*)indices.Data + (b * count),
                count,
                result.Data + (b * outer * count * rowBytes));
        }

        return result;
    }

    /// <summary>result[i…, :] = parameters[indices[i…, 0], …, indices[i…, depth - 1], :].</summary>
    private static Tensor GatherNd(Tensor parameters, Tensor indices, string node)
    {
        if (parameters.Rank < 1)
        {
            throw StatusException.InvalidArgument("params must be at least a vector");
        }

        if (indices.Rank < 1)
        {
            throw StatusException.InvalidArgument("indices must be at least a vector");
        }

        int depth = (int)indices.Shape[-1];
        if (depth > parameters.Rank)
        {
            throw StatusException.InvalidArgument(
                $"index innermost dimension length must be <= params rank; saw: {depth} vs. {parameters.Rank}");
        }

        Span<long> sizes = stackalloc long[indices.Rank - 1 + parameters.Rank - depth];
        indices.Shape.Dimensions[..^1].CopyTo(sizes);
        parameters.Shape.Dimensions[depth..].CopyTo(sizes[(indices.Rank - 1)..]);
        var shape = new Shape(sizes);
        long rows = indices.Shape.CountOf(0, indices.Rank - 1);
        long inner = parameters.Shape.CountOf(depth, parameters.Rank);
        if (parameters.ElementCount == 0 && rows > 0 && shape.ElementCount > 0)
        {
            throw StatusException.InvalidArgument("Requested more than 0 entries, but params is empty.  Params shape: " + parameters.Shape);
        }

        var writer = new ElementWriter(parameters.DType, shape);
        for (long r = 0; r < rows; r++)
        {
            long offset = 0;
            for (int d = 0; d < depth; d++)
            {
                long index = IndexInput.At(indices, (r * depth) + d);
                if ((ulong)index >= (ulong)parameters.Shape[d])
                {
                    ThrowNdIndex(parameters, indices, r, depth, node);
                }

                offset = (offset * parameters.Shape[d]) + index;
            }

            if (inner > 0)
            {
                writer.Write(parameters, offset * inner, inner);
            }
        }

        return writer.Finish();
    }

    private static void ThrowIndex(Tensor indices, long position, long index, long limit) =>
        throw StatusException.InvalidArgument($"indices{Position(indices.Shape, position)} = {index} is not in [0, {limit})");

    private static void ThrowNdIndex(Tensor parameters, Tensor indices, long row, int depth, string node)
    {
        long[] index = new long[depth];
        for (int d = 0; d < depth; d++)
        {
            index[d] = IndexInput.At(indices, (row * depth) + d);
        }

        Span<long> outer = stackalloc long[indices.Rank - 1];
        indices.Shape.Dimensions[..^1].CopyTo(outer);
        throw StatusException.InvalidArgument(
            $"indices{Position(new Shape(outer), row)} = [{string.Join(", ", index)}] does not index into param shape {parameters.Shape}, node name: {node}");
    }

    private static string Position(in Shape shape, long flat)
    {
        if (shape.Rank == 0)
        {
            return "";
        }

        long[] index = new long[shape.Rank];
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            index[i] = flat % shape[i];
            flat /= shape[i];
        }

        return $"[{string.Join(',', index)}]";
    }
}
