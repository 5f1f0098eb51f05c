using SharpServing.Ops.Support;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>ReverseSequence: the first lengths[b] entries along one dimension in reverse, for each entry b of another.</summary>
internal static class ReverseSequenceOps
{
    /// <summary>TensorFlow has no kernel beyond it.</summary>
    private const int MaxRank = 5;

    public static void Register(OpRegistry registry) => registry.Add("ReverseSequence", ShapeFunctions.Unchanged, Make);

    private static OpKernel Make(KernelBuilder builder)
    {
        int sequence = (int)builder.Attributes.Int("seq_dim");
        int batch = (int)builder.Attributes.Int("batch_dim");
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            Tensor lengths = context.Input(1);
            Check(input, lengths, sequence, batch);
            var writer = new ElementWriter(input.DType, input.Shape);
            int deeper = System.Math.Max(sequence, batch);
            long run = input.Shape.CountOf(deeper + 1, input.Rank);
            long rows = run == 0 ? 0 : input.ElementCount / run;
            Span<long> index = stackalloc long[deeper + 1];
            for (long row = 0; row < rows; row++)
            {
                long rest = row;
                for (int d = deeper; d >= 0; d--)
                {
                    index[d] = rest % input.Shape[d];
                    rest /= input.Shape[d];
                }

                long length = IndexInput.At(lengths, index[batch]);
                index[sequence] = index[sequence] < length ? length - 1 - index[sequence] : index[sequence];
                long source = 0;
                for (int d = 0; d <= deeper; d++)
                {
                    source = (source * input.Shape[d]) + index[d];
                }

                writer.Write(input, source * run, run);
            }

            context.SetOutput(0, writer.Finish());
        });
    }

    private static void Check(Tensor input, Tensor lengths, int sequence, int batch)
    {
        if (lengths.Rank != 1)
        {
            throw StatusException.InvalidArgument($"seq_lengths must be 1-dim, not {lengths.Rank}");
        }

        if (batch == sequence)
        {
            throw StatusException.InvalidArgument($"batch_dim == seq_dim == {sequence}");
        }

        if (sequence < 0 || sequence >= input.Rank)
        {
            throw StatusException.InvalidArgument($"seq_dim must be < input rank ( {sequence} vs. {input.Rank})");
        }

        if (batch < 0 || batch >= input.Rank)
        {
            throw StatusException.InvalidArgument($"batch_dim must be < input rank ( {batch} vs. {input.Rank})");
        }

        if (lengths.ElementCount != input.Shape[batch])
        {
            throw StatusException.InvalidArgument($"Length of seq_lengths != input.dims({batch}), ({lengths.ElementCount} vs. {input.Shape[batch]})");
        }

        for (long i = 0; i < lengths.ElementCount; i++)
        {
            long length = IndexInput.At(lengths, i);
            if (length < 0)
            {
                throw StatusException.InvalidArgument($"seq_lens({i}) < 0");
            }

            if (length > input.Shape[sequence])
            {
                throw StatusException.InvalidArgument($"seq_lens({i}) > input.dims({sequence})");
            }
        }

        if (input.Rank > MaxRank)
        {
            throw StatusException.InvalidArgument($"ReverseSequenceOp : Unhandled input dimensions: {input.Rank}");
        }
    }
}
