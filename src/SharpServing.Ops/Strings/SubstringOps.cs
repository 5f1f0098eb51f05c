using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Strings;

/// <summary>Substr: part of each string by position and length, in bytes or in UTF-8 characters. Source: tensorflow/core/kernels/substr_op.cc.</summary>
internal static class SubstringOps
{
    public static void Register(OpRegistry registry) => registry.Add("Substr", StringShapes.Substr, static builder =>
    {
        bool characters = builder.Attributes.String("unit") == "UTF8_CHAR";
        return new LambdaKernel(context => Run(context, characters));
    });

    private static void Run(OpContext context, bool characters)
    {
        Tensor input = context.Input(0);
        Tensor positions = context.Input(1);
        Tensor lengths = context.Input(2);
        if (positions.Shape != lengths.Shape)
        {
            throw StatusException.InvalidArgument(
                $"pos and len should have the same shape, got: {positions.Shape} vs. {lengths.Shape}");
        }

        Shape shape = input.Shape;
        if (positions.Rank > 0 && positions.Shape != shape)
        {
            if (!BroadcastShape.TryCombine(input.Shape, positions.Shape, out shape))
            {
                throw StatusException.InvalidArgument($"Incompatible shapes: {input.Shape} vs. {positions.Shape}");
            }

            if (shape.Rank > 2)
            {
                throw StatusException.Unimplemented($"Substr broadcast not implemented for {shape.Rank} dimensions");
            }
        }

        var output = new StringTensorBuilder(shape);
        for (int i = 0; i < shape.ElementCount; i++)
        {
            ReadOnlySpan<byte> text = input.String(Source(i, shape, input.Shape));
            long from = Source(i, shape, positions.Shape);
            long position = IndexInput.At(positions, from);
            long length = IndexInput.At(lengths, from);
            if (!TryCut(text, position, length, characters, out ReadOnlySpan<byte> part))
            {
                throw StatusException.InvalidArgument(
                    $"pos {position} out of range for string {(characters ? "" : $"b'{StatusText.FromBytes(text)}' ")}at index {i}");
            }

            output.Append(part);
        }

        context.SetOutput(0, output.Finish());
    }

    /// <summary>Element of an input that output element <paramref name="i"/> (of at most rank 2, else same shape) takes.</summary>
    private static long Source(int i, in Shape shape, in Shape input)
    {
        if (input == shape)
        {
            return i;
        }

        long columns = shape.Rank > 0 ? shape[-1] : 1;
        long column = input.Rank > 0 && input[-1] > 1 ? i % columns : 0;
        long row = input.Rank > 1 && input[-2] > 1 ? i / columns : 0;
        return input.Rank == 0 ? 0 : (row * input[-1]) + column;
    }

    private static bool TryCut(ReadOnlySpan<byte> text, long position, long length, bool characters, out ReadOnlySpan<byte> part)
    {
        part = default;
        long size = characters ? CountCharacters(text) : text.Length;
        long start = position < 0 ? size + position : position;
        if (start < 0 || start > size)
        {
            return false;
        }

        // A negative length is all the rest in bytes, nothing in characters.
        long count = System.Math.Clamp(length < 0 && !characters ? size : length, 0, size - start);
        if (characters)
        {
            int first = Forward(text, 0, start);
            part = text[first..Forward(text, first, count)];
        }
        else
        {
            part = text.Slice((int)start, (int)count);
        }

        return true;
    }

    private static bool IsTrailing(byte value) => (value & 0xC0) == 0x80;

    private static long CountCharacters(ReadOnlySpan<byte> text)
    {
        long count = 0;
        for (int i = 0; i < text.Length; i = Forward(text, i, 1))
        {
            count++;
        }

        return count;
    }

    /// <summary>Byte position <paramref name="count"/> characters after <paramref name="at"/>.</summary>
    private static int Forward(ReadOnlySpan<byte> text, int at, long count)
    {
        for (; count > 0 && at < text.Length; count--)
        {
            at++;
            while (at < text.Length && IsTrailing(text[at]))
            {
                at++;
            }
        }

        return at;
    }
}
