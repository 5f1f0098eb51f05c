using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>Concat, Pack and repetition.</summary>
internal static class JoinOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("ConcatV2", JoinShapes.ConcatV2, static context => Concat(context, context.InputCount - 1, 0, "axis"));
        registry.Add("Concat", JoinShapes.Concat, static context => Concat(context, 0, 1, "concat_dim"));
        registry.Add("ConcatOffset", JoinShapes.ConcatOffset, ConcatOffset);
        registry.Add("Pack", JoinShapes.Pack, MakePack);
        registry.Add("Tile", JoinShapes.Tile, Tile);
        registry.Add("BroadcastTo", JoinShapes.BroadcastTo, BroadcastTo);
    }

    private static void Concat(OpContext context, int axisIndex, int first, string axisName)
    {
        Tensor axisInput = context.Input(axisIndex);
        if (axisInput.ElementCount != 1 || axisInput.Rank > 1)
        {
            throw StatusException.InvalidArgument($"{axisName} tensor should be a scalar integer, but got shape {axisInput.Shape}");
        }

        int count = context.InputCount - 1;
        Tensor head = context.Input(first);
        int rank = head.Rank;
        long given = IndexInput.Scalar(axisInput);
        long axisLong = given < 0 ? given + rank : given;
        if ((axisLong < 0 || axisLong >= rank) && !(rank == 0 && axisLong == 0))
        {
            throw StatusException.InvalidArgument($"ConcatOp : Expected concatenating dimensions in the range [{-rank}, {rank}), but got {given}");
        }

        int axis = (int)axisLong;
        long total = 0;
        for (int i = 0; i < count; i++)
        {
            Shape shape = context.Input(first + i).Shape;
            if (shape.Rank == 0)
            {
                throw StatusException.InvalidArgument("ConcatOp : Can't concatenate scalars (use tf.stack instead)");
            }

            if (shape.Rank != rank)
            {
                throw StatusException.InvalidArgument($"ConcatOp : Ranks of all input tensors should match: shape[0] = {head.Shape} vs. shape[{i}] = {shape}");
            }

            for (int d = 0; d < rank; d++)
            {
                if (d != axis && shape[d] != head.Shape[d])
                {
                    throw StatusException.InvalidArgument(
                        $"ConcatOp : Dimension {d} in both shapes must be equal: shape[0] = {head.Shape} vs. shape[{i}] = {shape}");
                }
            }

            total += rank == 0 ? 1 : shape[axis];
        }

        if (rank == 0)
        {
            throw StatusException.InvalidArgument("ConcatOp : Can't concatenate scalars (use tf.stack instead)");
        }

        Shape result = head.Shape.WithDimension(axis, total);
        long outer = head.Shape.CountOf(0, axis);
        context.SetOutput(0, RunCopy.Interleave(context, first, count, result, outer));
    }

    private static void ConcatOffset(OpContext context)
    {
        Tensor axisInput = context.Input(0);
        if (axisInput.Rank != 0)
        {
            throw StatusException.InvalidArgument($"Concat dim tensor should be a scalar integer, but got shape {axisInput.Shape}");
        }

        long given = IndexInput.Scalar(axisInput);
        Tensor head = context.Input(1);
        long rank = head.ElementCount;
        long axis = given < 0 ? given + rank : given;
        if (axis < 0 || axis >= rank)
        {
            throw StatusException.InvalidArgument($"Concat dim is out of range: {given} vs. {rank}");
        }

        long offset = 0;
        for (int i = 1; i < context.InputCount; i++)
        {
            Tensor shape = context.Input(i);
            if (shape.ElementCount != rank)
            {
                throw StatusException.InvalidArgument($"input {i - 1} should contain {rank} elements, but got {shape.ElementCount}");
            }

            for (int d = 0; d < rank; d++)
            {
                if (d != axis && IndexInput.At(shape, d) != IndexInput.At(head, d))
                {
                    throw StatusException.InvalidArgument(
                        $"All dimensions except {axis} must match. Input {i - 1} has shape [{string.Join(' ', IndexInput.All(shape))}] and doesn't match input 0 with shape [{string.Join(' ', IndexInput.All(head))}].");
                }
            }

            long[] offsets = new long[rank];
            offsets[axis] = offset;
            context.SetOutput(i - 1, IndexInput.Make(shape.DType, offsets, new Shape(rank)));
            offset += IndexInput.At(shape, axis);
        }
    }

    private static OpKernel MakePack(KernelBuilder builder)
    {
        long axisAttribute = builder.Attributes.Int("axis");
        return new LambdaKernel(context =>
        {
            Tensor head = context.Input(0);
            int count = context.InputCount;
            int rank = head.Rank + 1;
            long axis = axisAttribute < 0 ? axisAttribute + rank : axisAttribute;
            if (axis < 0 || axis >= rank)
            {
                throw StatusException.InvalidArgument($"axis = {axisAttribute} not in [{-rank}, {rank})");
            }

            for (int i = 1; i < count; i++)
            {
                if (context.Input(i).Shape != head.Shape)
                {
                    throw StatusException.InvalidArgument(
                        $"Shapes of all inputs must match: values[0].shape = {head.Shape} != values[{i}].shape = {context.Input(i).Shape}");
                }
            }

            Span<long> sizes = stackalloc long[rank];
            head.Shape.Dimensions[..(int)axis].CopyTo(sizes);
            sizes[(int)axis] = count;
            head.Shape.Dimensions[(int)axis..].CopyTo(sizes[((int)axis + 1)..]);
            long outer = head.Shape.CountOf(0, (int)axis);
            context.SetOutput(0, RunCopy.Interleave(context, 0, count, new Shape(sizes), outer));
        });
    }

    private static void Tile(OpContext context)
    {
        Tensor input = context.Input(0);
        Tensor multiples = context.Input(1);
        if (multiples.Rank != 1)
        {
            throw StatusException.InvalidArgument($"Expected multiples to be 1-D, but got shape {multiples.Shape}");
        }

        if (multiples.ElementCount != input.Rank)
        {
            throw StatusException.InvalidArgument($"Expected multiples argument to be a vector of length {input.Rank} but got length {multiples.ElementCount}");
        }

        if (input.DType is DType.UInt16 or DType.QInt8 or DType.QUInt8 or DType.QInt16 or DType.QUInt16 or DType.QInt32 && input.Rank > 0)
        {
            throw StatusException.Unimplemented(
                $"TileOp : The input data type is not supported, DataType : {input.DType.ToName()}, Dimension : {input.Rank}");
        }

        Span<long> sizes = stackalloc long[input.Rank];
        for (int i = 0; i < sizes.Length; i++)
        {
            long times = IndexInput.At(multiples, i);
            if (times < 0)
            {
                throw StatusException.InvalidArgument($"Expected multiples[{i}] >= 0, but got {times}");
            }

            sizes[i] = input.Shape[i] * times;
        }

        if (!Shape.TryCreate(sizes, out Shape shape))
        {
            throw StatusException.InvalidArgument(OverflowText(sizes));
        }

        if (shape == input.Shape)
        {
            context.Forward(0, 0);
            return;
        }

        var writer = new ElementWriter(input.DType, shape);
        if (shape.ElementCount > 0)
        {
            WriteTiles(ref writer, input, 0, 0, shape);
        }

        context.SetOutput(0, writer.Finish());
    }

    /// <summary>Says at which size the product of the sizes first leaves 64 bits.</summary>
    private static string OverflowText(ReadOnlySpan<long> sizes)
    {
        Int128 product = 1;
        foreach (long size in sizes)
        {
            if (product * size > long.MaxValue)
            {
                return $"Encountered overflow when multiplying {product} with {size}, result: -1";
            }

            product *= size;
        }

        return "Encountered overflow";
    }

    private static void WriteTiles(ref ElementWriter writer, Tensor input, int dimension, long offset, in Shape result)
    {
        if (dimension == input.Rank)
        {
            writer.Write(input, offset, 1);
            return;
        }

        long extent = input.Shape[dimension];
        long times = result[dimension] / extent;
        long pitch = input.Shape.CountOf(dimension + 1, input.Rank);
        bool whole = input.Shape.Dimensions[(dimension + 1)..].SequenceEqual(result.Dimensions[(dimension + 1)..]);
        for (long t = 0; t < times; t++)
        {
            if (whole)
            {
                writer.Write(input, offset, extent * pitch);
                continue;
            }

            for (long i = 0; i < extent; i++)
            {
                WriteTiles(ref writer, input, dimension + 1, offset + (i * pitch), result);
            }
        }
    }

    private static void BroadcastTo(OpContext context)
    {
        Tensor input = context.Input(0);
        Tensor target = context.Input(1);
        using var sizes = new Scratch<long>(target.ElementCount);
        for (int i = 0; i < sizes.Span.Length; i++)
        {
            sizes.Span[i] = IndexInput.At(target, i);
            if (sizes.Span[i] < 0)
            {
                throw StatusException.InvalidArgument($"Dimension {sizes.Span[i]} must be >= 0");
            }
        }

        if (target.Rank > 1 || !Shape.TryCreate(sizes.Span, out Shape shape))
        {
            throw StatusException.InvalidArgument($"shape must be a vector of non-negative sizes, got [{string.Join(',', sizes.Span.ToArray())}]");
        }

        if (shape == input.Shape)
        {
            context.Forward(0, 0);
            return;
        }

        if (input.Rank > shape.Rank)
        {
            throw StatusException.InvalidArgument($"Rank of input ({input.Rank}) must be no greater than rank of output shape ({shape.Rank}).");
        }

        if (!BroadcastShape.TryCombine(input.Shape, shape, out Shape combined))
        {
            throw StatusException.InvalidArgument($"Incompatible shapes: {input.Shape} vs. {shape}");
        }

        if (combined != shape)
        {
            throw StatusException.InvalidArgument($"Unable to broadcast tensor of shape {input.Shape} to tensor of shape {shape}");
        }

        context.SetOutput(0, Broadcast(input, shape));
    }

    /// <summary>Repeats an input along dimensions where it has size 1 (or none).</summary>
    public static Tensor Broadcast(Tensor input, in Shape shape)
    {
        var writer = new ElementWriter(input.DType, shape);
        if (shape.ElementCount == 0)
        {
            return writer.Finish();
        }

        int lead = shape.Rank - input.Rank;
        Span<long> pitch = stackalloc long[shape.Rank];
        long elements = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            long size = i >= lead ? input.Shape[i - lead] : 1;
            pitch[i] = size == 1 ? 0 : elements;
            elements *= size;
        }

        // Innermost dimensions that are all whole, or all repeated, make one run.
        int inner = shape.Rank;
        long run = 1;
        bool repeats = inner > 0 && pitch[inner - 1] == 0;
        while (inner > 0 && (pitch[inner - 1] == 0 == repeats || shape[inner - 1] == 1))
        {
            inner--;
            run *= shape[inner];
        }

        Span<long> index = stackalloc long[inner];
        index.Clear();
        long offset = 0;
        while (true)
        {
            if (repeats)
            {
                writer.Repeat(input, offset, run);
            }
            else
            {
                writer.Write(input, offset, run);
            }

            int i = inner - 1;
            for (; i >= 0; i--)
            {
                offset += pitch[i];
                if (++index[i] < shape[i])
                {
                    break;
                }

                offset -= shape[i] * pitch[i];
                index[i] = 0;
            }

            if (i < 0)
            {
                return writer.Finish();
            }
        }
    }
}
