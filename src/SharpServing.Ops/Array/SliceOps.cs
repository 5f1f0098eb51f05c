using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>Parts of a tensor: Slice, StridedSlice, Split, Unpack, Reverse.</summary>
internal static class SliceOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Slice", SliceShapes.Slice, Slice);
        registry.Add("StridedSlice", SliceShapes.StridedSlice, MakeStridedSlice);
        registry.Add("Split", SliceShapes.Split, Split);
        registry.Add("SplitV", SliceShapes.SplitV, SplitV);
        registry.Add("Unpack", SliceShapes.Unpack, MakeUnpack);
        registry.Add("ReverseV2", ShapeFunctions.Unchanged, ReverseV2);
    }

    /// <summary>Takes <paramref name="size"/> indices from <paramref name="begin"/> on, <paramref name="stride"/> apart, along each dimension.</summary>
    public static Tensor Take(Tensor input, ReadOnlySpan<long> begin, ReadOnlySpan<long> stride, ReadOnlySpan<long> size, in Shape result)
    {
        int rank = input.Rank;
        Span<long> pitch = stackalloc long[rank];
        long elements = 1;
        for (int i = rank - 1; i >= 0; i--)
        {
            pitch[i] = elements;
            elements *= input.Shape[i];
        }

        // Innermost dimensions that are taken whole make one run with the first that is not, if that one has stride 1.
        int inner = rank;
        long run = 1;
        while (inner > 0 && stride[inner - 1] == 1)
        {
            inner--;
            run *= size[inner];
            if (size[inner] != input.Shape[inner])
            {
                break;
            }
        }

        long offset = 0;
        for (int i = 0; i < rank; i++)
        {
            offset += begin[i] * pitch[i];
        }

        if (inner == 0 && input.DType.IsPlain() && result.ElementCount > 0)
        {
            return input.Slice(offset, result);
        }

        var writer = new ElementWriter(input.DType, result);
        if (result.ElementCount > 0)
        {
            Span<long> index = stackalloc long[inner];
            index.Clear();
            while (true)
            {
                writer.Write(input, offset, run);
                int i = inner - 1;
                for (; i >= 0; i--)
                {
                    offset += stride[i] * pitch[i];
                    if (++index[i] < size[i])
                    {
                        break;
                    }

                    offset -= size[i] * stride[i] * pitch[i];
                    index[i] = 0;
                }

                if (i < 0)
                {
                    break;
                }
            }
        }

        return writer.Finish();
    }

    private static void Slice(OpContext context)
    {
        Tensor input = context.Input(0);
        Tensor beginInput = context.Input(1);
        Tensor sizeInput = context.Input(2);
        int rank = input.Rank;
        if (beginInput.Rank != 1 || sizeInput.Rank != 1 || beginInput.ElementCount != rank || sizeInput.ElementCount != rank)
        {
            throw StatusException.InvalidArgument(
                $"Expected begin and size arguments to be 1-D tensors of size {rank}, but got shapes {beginInput.Shape} and {sizeInput.Shape} instead.");
        }

        Span<long> begin = stackalloc long[rank];
        Span<long> size = stackalloc long[rank];
        Span<long> stride = stackalloc long[rank];
        stride.Fill(1);
        for (int i = 0; i < rank; i++)
        {
            long extent = input.Shape[i];
            begin[i] = IndexInput.At(beginInput, i);
            size[i] = IndexInput.At(sizeInput, i);
            if (size[i] == -1)
            {
                size[i] = extent - begin[i];
            }

            if (extent == 0)
            {
                if (begin[i] != 0 || size[i] != 0)
                {
                    throw StatusException.InvalidArgument($"Expected begin[{i}] == 0 (got {begin[i]}) and size[{i}] == 0 (got {size[i]}) when input.dim_size({i}) == 0");
                }
            }
            else
            {
                if (begin[i] < 0 || begin[i] > extent)
                {
                    throw StatusException.InvalidArgument($"Expected begin[{i}] in [0, {extent}], but got {begin[i]}");
                }

                if (size[i] < 0 || size[i] > extent - begin[i])
                {
                    throw StatusException.InvalidArgument($"Expected size[{i}] in [0, {extent - begin[i]}], but got {size[i]}");
                }
            }
        }

        var shape = new Shape(size);
        if (shape == input.Shape)
        {
            context.Forward(0, 0);
            return;
        }

        if (rank > 8 && shape.ElementCount > 0)
        {
            throw StatusException.Unimplemented("SliceOp : Unhandled input dimensions");
        }

        context.SetOutput(0, Take(input, begin, stride, size, shape));
    }

    private static OpKernel MakeStridedSlice(KernelBuilder builder)
    {
        StridedSliceSpec.Masks masks = StridedSliceSpec.Masks.From(builder.Attributes);
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            Span<long> begin = stackalloc long[input.Rank];
            Span<long> stride = stackalloc long[input.Rank];
            Span<long> size = stackalloc long[input.Rank];
            Shape shape = StridedSliceSpec.Make(input.Shape, context.Input(1), context.Input(2), context.Input(3), masks, begin, stride, size);
            context.SetOutput(0, Take(input, begin, stride, size, shape));
        });
    }

    private static void Split(OpContext context)
    {
        Tensor axisInput = context.Input(0);
        Tensor input = context.Input(1);
        if (axisInput.Rank != 0)
        {
            throw StatusException.InvalidArgument($"split_dim must be a scalar but has rank {axisInput.Rank}");
        }

        long given = IndexInput.Scalar(axisInput);
        long axis = given < 0 ? given + input.Rank : given;
        int parts = context.OutputCount;
        if (axis < 0 || axis >= input.Rank)
        {
            throw StatusException.InvalidArgument($"-input rank(-{input.Rank}) <= split_dim < input rank ({input.Rank}), but got {given}");
        }

        if (input.Shape[(int)axis] % parts != 0)
        {
            throw StatusException.InvalidArgument(
                $"Number of ways to split should evenly divide the split dimension, but got split_dim {axis} (size = {input.Shape[(int)axis]}) and num_split {parts}");
        }

        Span<long> sizes = stackalloc long[parts];
        sizes.Fill(input.Shape[(int)axis] / parts);
        SplitInto(context, input, (int)axis, sizes);
    }

    private static void SplitV(OpContext context)
    {
        Tensor input = context.Input(0);
        Tensor sizesInput = context.Input(1);
        Tensor axisInput = context.Input(2);
        int parts = context.OutputCount;
        if (axisInput.ElementCount != 1)
        {
            throw StatusException.InvalidArgument("split_dim_tensor must have exactly one element.");
        }

        long given = IndexInput.Scalar(axisInput);
        long axis = given < 0 ? given + input.Rank : given;
        if (sizesInput.Rank != 1 || sizesInput.ElementCount != parts)
        {
            throw StatusException.InvalidArgument(
                $"size of the split_tensor must be 1-D and have the same elements as outputs got {sizesInput.Rank} -D and {sizesInput.ElementCount} elements");
        }

        if (axis < 0 || axis >= input.Rank)
        {
            throw StatusException.InvalidArgument($"-input rank(-{input.Rank}) <= split_dim < input rank ({input.Rank}), but got {given}");
        }

        long[] sizes = IndexInput.All(sizesInput);
        long extent = input.Shape[(int)axis];
        if (parts == 1)
        {
            if (sizes[0] != extent)
            {
                throw StatusException.InvalidArgument(
                    $"If there is only one output, it must have the same size as the input. Input size: {extent} output size: {sizes[0]}");
            }

            context.Forward(0, 0);
            return;
        }

        int unknown = -1;
        long sum = 0;
        for (int i = 0; i < parts; i++)
        {
            if (sizes[i] == -1)
            {
                if (unknown >= 0)
                {
                    throw StatusException.InvalidArgument("There can only be one -1 in the input.");
                }

                unknown = i;
            }
            else
            {
                sum += sizes[i];
            }
        }

        if (unknown < 0 ? sum != extent : sum > extent)
        {
            throw StatusException.InvalidArgument(
                $"Determined shape must either match input shape along split_dim exactly if fully specified, or be less than the size of the input along split_dim if not fully specified.  Got: {sum}");
        }

        if (unknown >= 0)
        {
            sizes[unknown] = extent - sum;
        }

        for (int i = 0; i < parts; i++)
        {
            if (sizes[i] < 0)
            {
                throw StatusException.InvalidArgument($"Split size at index {i} must be >= 0. Got: {sizes[i]}");
            }
        }

        SplitInto(context, input, (int)axis, sizes);
    }

    private static void SplitInto(OpContext context, Tensor input, int axis, ReadOnlySpan<long> sizes)
    {
        long outer = input.Shape.CountOf(0, axis);
        long inner = input.Shape.CountOf(axis + 1, input.Rank);
        long row = input.Shape[axis] * inner;
        long offset = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            long run = sizes[i] * inner;
            if (context.IsNeeded(i))
            {
                Shape shape = input.Shape.WithDimension(axis, sizes[i]);
                context.SetOutput(i, RunCopy.Extract(input, shape, offset, row, outer, run));
            }

            offset += run;
        }
    }

    private static OpKernel MakeUnpack(KernelBuilder builder)
    {
        long axisAttribute = builder.Attributes.Int("axis");
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            int parts = context.OutputCount;
            long axis = axisAttribute < 0 ? axisAttribute + input.Rank : axisAttribute;
            if (axis < 0 || axis >= input.Rank)
            {
                throw StatusException.InvalidArgument($"axis = {axisAttribute} not in [{-input.Rank}, {input.Rank})");
            }

            if (input.Shape[(int)axis] != parts)
            {
                throw StatusException.InvalidArgument($"Input shape axis {axis} must equal {parts}, got shape {input.Shape}");
            }

            Span<long> sizes = stackalloc long[input.Rank - 1];
            input.Shape.Dimensions[..(int)axis].CopyTo(sizes);
            input.Shape.Dimensions[((int)axis + 1)..].CopyTo(sizes[(int)axis..]);
            var shape = new Shape(sizes);
            long outer = input.Shape.CountOf(0, (int)axis);
            long inner = input.Shape.CountOf((int)axis + 1, input.Rank);
            for (int i = 0; i < parts; i++)
            {
                if (context.IsNeeded(i))
                {
                    context.SetOutput(i, RunCopy.Extract(input, shape, i * inner, parts * inner, outer, inner));
                }
            }
        });
    }

    private static void ReverseV2(OpContext context)
    {
        Tensor input = context.Input(0);
        Tensor axes = context.Input(1);
        int rank = input.Rank;
        if (rank == 0 || input.ElementCount == 0)
        {
            context.Forward(0, 0);
            return;
        }

        if (axes.Rank != 1)
        {
            throw StatusException.InvalidArgument($"'dims' must be 1-dimension, not {axes.Rank}");
        }

        if (rank > 8)
        {
            throw StatusException.Unimplemented("reverse is not implemented for tensors of rank > 8");
        }

        Span<long> begin = stackalloc long[rank];
        Span<long> stride = stackalloc long[rank];
        begin.Clear();
        stride.Fill(1);
        for (int i = 0; i < axes.ElementCount; i++)
        {
            long given = IndexInput.At(axes, i);
            long axis = given < 0 ? given + rank : given;
            if (axis < 0 || axis >= rank)
            {
                throw StatusException.InvalidArgument($"'axis'[{i}] = {given} is out of valid range [0, {rank - 1}");
            }

            if (stride[(int)axis] < 0)
            {
                throw StatusException.InvalidArgument($"axis {axis} specified more than once.");
            }

            stride[(int)axis] = -1;
            begin[(int)axis] = input.Shape[(int)axis] - 1;
        }

        context.SetOutput(0, Take(input, begin, stride, input.Shape.Dimensions, input.Shape));
    }
}
