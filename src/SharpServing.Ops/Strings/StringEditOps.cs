using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;
using static SharpServing.Ops.Support.Requirements;

namespace SharpServing.Ops.Strings;

/// <summary>Case, stripping, substrings, joining over dimensions and segments, raw bytes to numbers.</summary>
internal static class StringEditOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("StringLower", ShapeFunctions.Unchanged, static builder => MakeCase(builder, upper: false));
        registry.Add("StringUpper", ShapeFunctions.Unchanged, static builder => MakeCase(builder, upper: true));
        registry.Add("StringStrip", ShapeFunctions.Unchanged, static context => StringOps.MapStrings(context, Strip));
        registry.Add("ReduceJoin", StringShapes.ReduceJoin, MakeReduceJoin);
        registry.Add("UnsortedSegmentJoin", StringShapes.SegmentJoin, MakeSegmentJoin);
        registry.Add("DecodeRaw", StringShapes.DecodeRaw, MakeDecodeRaw);
    }

    private static OpKernel MakeCase(KernelBuilder builder, bool upper)
    {
        string encoding = builder.Attributes.String("encoding");
        if (encoding is not ("" or "utf-8"))
        {
            throw StatusException.InvalidArgument($"only utf-8 or '' (no encoding) is supported, received {encoding}");
        }

        if (encoding == "utf-8")
        {
            builder.Unsupported("encoding utf-8");
        }

        return new LambdaKernel(context => StringOps.MapStrings(context, text =>
        {
            foreach (ref byte value in text.AsSpan())
            {
                value = upper
                    ? value is >= (byte)'a' and <= (byte)'z' ? (byte)(value - 32) : value
                    : value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value + 32) : value;
            }

            return text;
        }));
    }

    private static byte[] Strip(byte[] text)
    {
        int start = 0;
        int end = text.Length;
        while (start < end && StringSplitOps.IsSpace(text[start]))
        {
            start++;
        }

        while (end > start && StringSplitOps.IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    private static LambdaKernel MakeReduceJoin(KernelBuilder builder)
    {
        bool keep = builder.Attributes.Bool("keep_dims");
        byte[] separator = builder.Attributes.StringBytes("separator");
        return new LambdaKernel(context => ReduceJoin(context, keep, separator));
    }

    private static void ReduceJoin(OpContext context, bool keep, byte[] separator)
    {
        Tensor input = context.Input(0);
        int rank = input.Rank;
        long[] given = IndexInput.All(context.Input(1));
        var axes = new List<int>();
        foreach (long axis in given)
        {
            if (axis < -rank || axis >= rank)
            {
                throw StatusException.OutOfRange($"Invalid reduction dimension {axis} for input with {rank} dimension(s)");
            }

            int index = (int)(axis < 0 ? axis + rank : axis);
            if (axes.Contains(index))
            {
                throw StatusException.InvalidArgument($"Duplicate reduction dimension {axis}");
            }

            axes.Add(index);
        }

        // The dimension named first is joined first: it runs fastest.
        axes.Reverse();
        var strides = new long[rank];
        long stride = 1;
        for (int i = rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= input.Shape[i];
        }

        int[] kept = [.. Enumerable.Range(0, rank).Where(i => !axes.Contains(i))];
        long[] sizes = keep
            ? [.. Enumerable.Range(0, rank).Select(i => axes.Contains(i) ? 1 : input.Shape[i])]
            : [.. kept.Select(i => input.Shape[i])];
        var output = new StringTensorBuilder(new Shape(sizes));
        long count = kept.Aggregate(1L, (product, i) => product * input.Shape[i]);
        long joined = axes.Aggregate(1L, (product, i) => product * input.Shape[i]);
        var text = new List<byte>();
        for (long n = 0; n < count; n++)
        {
            long first = Offset(n, kept, input.Shape, strides);
            text.Clear();
            for (long j = 0; j < joined; j++)
            {
                if (j > 0)
                {
                    text.AddRange(separator);
                }

                text.AddRange(input.String(first + Offset(j, axes, input.Shape, strides)));
            }

            output.Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(text));
        }

        context.SetOutput(0, output.Finish());
    }

    /// <summary>Element offset of the n-th index of the given dimensions, the last one fastest.</summary>
    private static long Offset(long n, IReadOnlyList<int> dimensions, in Shape shape, long[] strides)
    {
        long offset = 0;
        for (int i = dimensions.Count - 1; i >= 0; i--)
        {
            long size = shape[dimensions[i]];
            offset += n % size * strides[dimensions[i]];
            n /= size;
        }

        return offset;
    }

    private static LambdaKernel MakeSegmentJoin(KernelBuilder builder)
    {
        byte[] separator = builder.Attributes.StringBytes("separator");
        return new LambdaKernel(context => SegmentJoin(context, separator));
    }

    private static void SegmentJoin(OpContext context, byte[] separator)
    {
        Tensor input = context.Input(0);
        Tensor ids = context.Input(1);
        Tensor countInput = context.Input(2);
        Require(countInput.Rank == 0, "Number of segments must be a scalar");
        long count = IndexInput.Scalar(countInput);
        Require(count >= 0, $"Number of segments must be non-negative but got {count}");
        Require(ids.Rank > 0, "Segment_id cannot have rank 0");
        for (int i = 0; i < ids.Rank; i++)
        {
            long size = i < input.Rank ? input.Shape[i] : 0;
            Require(size == ids.Shape[i], $"Segment dimension is {ids.Shape[i]} while input dimension is {size} in rank {i}");
        }

        long[] segments = IndexInput.All(ids);
        long inner = input.Shape.CountOf(ids.Rank, input.Rank);
        var texts = new List<byte>?[checked((int)(count * inner))];
        for (int i = 0; i < segments.Length; i++)
        {
            Require(segments[i] >= 0 && segments[i] < count, "segment_ids are not allowed to exceed num_segments or to have negative values.");
            for (long j = 0; j < inner; j++)
            {
                ref List<byte>? text = ref texts[(segments[i] * inner) + j];
                if (text is null)
                {
                    text = [];
                }
                else
                {
                    text.AddRange(separator);
                }

                text.AddRange(input.String((i * inner) + j));
            }
        }

        var output = new StringTensorBuilder(new Shape([count, .. input.Shape.Dimensions[ids.Rank..]]));
        foreach (List<byte>? text in texts)
        {
            output.Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(text));
        }

        context.SetOutput(0, output.Finish());
    }

    private static OpKernel MakeDecodeRaw(KernelBuilder builder)
    {
        DType type = builder.OutputType(0);
        if (!type.IsPlain())
        {
            return builder.UnsupportedType(type);
        }

        bool swap = !builder.Attributes.Bool("little_endian");
        int part = type.IsComplex() ? type.SizeOf() / 2 : type.SizeOf();
        return new LambdaKernel(context => DecodeRaw(context, type, swap ? part : 1));
    }

    private static void DecodeRaw(OpContext context, DType type, int swapped)
    {
        Tensor input = context.Input(0);
        int size = type.SizeOf();
        if (input.ElementCount == 0)
        {
            context.Allocate(0, new Shape([.. input.Shape.Dimensions, 0]));
            return;
        }

        int length = input.String(0).Length;
        for (int i = 1; i < input.ElementCount; i++)
        {
            int other = input.String(i).Length;
            Require(other == length, $"DecodeRaw requires input strings to all be the same size, but element {i} has size {length} != {other}");
        }

        Require(length % size == 0, $"Input to DecodeRaw has length {length} that is not a multiple of {size}, the size of {type.ToName()}");
        Span<byte> output = context.Allocate(0, new Shape([.. input.Shape.Dimensions, length / size])).Bytes;
        for (int i = 0; i < input.ElementCount; i++)
        {
            input.String(i).CopyTo(output[(i * length)..]);
        }

        for (int i = 0; swapped > 1 && i < output.Length; i += swapped)
        {
            output.Slice(i, swapped).Reverse();
        }
    }
}
