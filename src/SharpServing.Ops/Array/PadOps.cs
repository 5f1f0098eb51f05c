using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>Pad, PadV2, MirrorPad.</summary>
internal static class PadOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Pad", FillShapes.Pad, static context => Pad(context, null));
        registry.Add("PadV2", FillShapes.Pad, static context =>
        {
            if (context.Input(2).Rank != 0)
            {
                throw StatusException.InvalidArgument("constant_values must be a scalar. Found: " + context.Input(2).Shape);
            }

            Pad(context, context.Input(2));
        });
        registry.Add("MirrorPad", FillShapes.Pad, MakeMirrorPad);
    }

    /// <param name="before">Receives the elements put before each dimension of the input.</param>
    /// <param name="after">Receives those put after it.</param>
    /// <returns>Shape of the answer.</returns>
    private static Shape ReadPaddings(OpContext context, int maxRank, string name, Span<long> before, Span<long> after)
    {
        Tensor input = context.Input(0);
        Tensor paddings = context.Input(1);
        if (input.Rank > maxRank)
        {
            throw StatusException.Unimplemented($"inputs rank not in [0,{maxRank}]: {input.Rank}");
        }

        if (paddings.Rank != 2 || paddings.Shape[1] != 2)
        {
            throw StatusException.InvalidArgument($"paddings must be a matrix with 2 columns: {paddings.Shape}");
        }

        if (paddings.Shape[0] != input.Rank)
        {
            throw StatusException.InvalidArgument(
                $"The first dimension of paddings must be the rank of inputs{paddings.Shape} {input.Shape}");
        }

        Span<long> sizes = stackalloc long[input.Rank];
        for (int i = 0; i < input.Rank; i++)
        {
            before[i] = IndexInput.At(paddings, 2 * i);
            after[i] = IndexInput.At(paddings, (2 * i) + 1);
            if (before[i] < 0 || after[i] < 0)
            {
                throw StatusException.InvalidArgument($"{name} must be non-negative: {before[i]} {after[i]}");
            }

            sizes[i] = before[i] + input.Shape[i] + after[i];
        }

        return Shape.TryCreate(sizes, out Shape result)
            ? result
            : throw StatusException.InvalidArgument("Pad: the result has too many elements");
    }

    /// <summary>Neighbouring dimensions without padding count as one; six are left for the original's kernel at most.</summary>
    private static void CheckCollapsedRank(in Shape input, ReadOnlySpan<long> before, ReadOnlySpan<long> after)
    {
        Span<long> collapsed = stackalloc long[input.Rank];
        int rank = 0;
        bool wasBare = false;
        for (int i = 0; i < input.Rank; i++)
        {
            bool bare = before[i] == 0 && after[i] == 0;
            if (bare && wasBare)
            {
                collapsed[rank - 1] *= input[i];
            }
            else
            {
                collapsed[rank++] = input[i];
            }

            wasBare = bare;
        }

        if (rank > 6)
        {
            throw StatusException.InvalidArgument($"Only ranks up to 6 supported: {new Shape(collapsed[..rank])}");
        }
    }

    private static void Pad(OpContext context, Tensor? value)
    {
        Tensor input = context.Input(0);
        Span<long> before = stackalloc long[input.Rank];
        Span<long> after = stackalloc long[input.Rank];
        Shape result = ReadPaddings(context, 8, "Paddings", before, after);
        if (result == input.Shape)
        {
            context.Forward(0, 0);
            return;
        }

        CheckCollapsedRank(input.Shape, before, after);

        var writer = new ElementWriter(input.DType, result);
        if (result.ElementCount > 0)
        {
            Write(ref writer, input, 0, 0, before, after, result, value);
        }

        context.SetOutput(0, writer.Finish());
    }

    private static void Write(
        ref ElementWriter writer, Tensor input, int dimension, long offset, ReadOnlySpan<long> before, ReadOnlySpan<long> after, in Shape result, Tensor? value)
    {
        if (dimension == input.Rank)
        {
            writer.Write(input, offset, 1);
            return;
        }

        long block = result.CountOf(dimension + 1, result.Rank);
        long pitch = input.Shape.CountOf(dimension + 1, input.Rank);
        Fill(ref writer, value, before[dimension] * block);
        if (block == pitch && input.Shape.Dimensions[(dimension + 1)..].SequenceEqual(result.Dimensions[(dimension + 1)..]))
        {
            writer.Write(input, offset, input.Shape[dimension] * pitch);
        }
        else
        {
            for (long i = 0; i < input.Shape[dimension]; i++)
            {
                Write(ref writer, input, dimension + 1, offset + (i * pitch), before, after, result, value);
            }
        }

        Fill(ref writer, value, after[dimension] * block);
    }

    private static void Fill(ref ElementWriter writer, Tensor? value, long count)
    {
        if (value is null)
        {
            writer.Skip(count);
        }
        else
        {
            writer.Repeat(value, 0, count);
        }
    }

    private static OpKernel MakeMirrorPad(KernelBuilder builder)
    {
        int edge = builder.Attributes.String("mode") == "REFLECT" ? 1 : 0;
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            Span<long> before = stackalloc long[input.Rank];
            Span<long> after = stackalloc long[input.Rank];
            Shape result = ReadPaddings(context, 5, "paddings", before, after);
            for (int i = 0; i < input.Rank; i++)
            {
                long limit = input.Shape[i] - edge;
                if (before[i] > limit || after[i] > limit)
                {
                    string comparison = edge == 1 ? "less than" : "no greater than";
                    throw StatusException.InvalidArgument(
                        $"paddings must be {comparison} the dimension size: {before[i]}, {after[i]} {(edge == 1 ? "not less than" : "greater than")} {input.Shape[i]}");
                }
            }

            var writer = new ElementWriter(input.DType, result);
            Span<long> index = stackalloc long[result.Rank];
            index.Clear();
            for (long n = 0; n < result.ElementCount; n++)
            {
                long offset = 0;
                for (int d = 0; d < result.Rank; d++)
                {
                    long size = input.Shape[d];
                    long at = index[d] - before[d];
                    at = at < 0 ? -at - 1 + edge : at >= size ? (2 * size) - at - 1 - edge : at;
                    offset = (offset * size) + at;
                }

                writer.Write(input, offset, 1);
                for (int d = result.Rank - 1; d >= 0 && ++index[d] == result[d]; d--)
                {
                    index[d] = 0;
                }
            }

            context.SetOutput(0, writer.Finish());
        });
    }
}
