using SharpServing.Kernels;
using SharpServing.Runtime.Execution;
using SharpServing.Tensors;

namespace SharpServing.Ops.Support;

/// <summary>Evenly spaced runs of elements of any dtype: taken out of a tensor, or put together from several.</summary>
internal static unsafe class RunCopy
{
    /// <summary>Runs of a tensor one after the other; a view where it is a single one.</summary>
    /// <param name="input">Where they lie.</param>
    /// <param name="shape">Shape of the result: <paramref name="rows"/> · <paramref name="run"/> elements.</param>
    /// <param name="first">First element of the first run.</param>
    /// <param name="step">Elements from one run to the next.</param>
    /// <param name="rows">Runs.</param>
    /// <param name="run">Elements of a run.</param>
    public static Tensor Extract(Tensor input, in Shape shape, long first, long step, long rows, long run)
    {
        if (input.DType.IsPlain())
        {
            if (rows == 1)
            {
                return input.Slice(first, shape);
            }

            int size = input.DType.SizeOf();
            Tensor result = Tensor.Allocate(input.DType, shape);
            StridedCopy.Run(input.Data + (first * size), step * size, result.Data, run * size, rows, run * size);
            return result;
        }

        var writer = new ElementWriter(input.DType, shape);
        for (long row = 0; row < rows && run > 0; row++)
        {
            writer.Write(input, first + (row * step), run);
        }

        return writer.Finish();
    }

    /// <summary>One run of a tensor, as <see cref="Extract(Tensor, in Shape, long, long, long, long)"/> gives it.</summary>
    public static Tensor Extract(Tensor input, in Shape shape, long first) => Extract(input, shape, first, 0, 1, shape.ElementCount);

    /// <summary>Row by row a run of each input: inputs <paramref name="first"/> and following, cut into <paramref name="rows"/> runs each.</summary>
    public static Tensor Interleave(OpContext context, int first, int count, in Shape shape, long rows)
    {
        DType type = context.Input(first).DType;
        if (type.IsPlain())
        {
            Tensor result = Tensor.Allocate(type, shape);
            long rowBytes = rows == 0 ? 0 : result.ElementCount / rows * type.SizeOf();
            long offset = 0;
            for (int i = 0; i < count && rowBytes > 0; i++)
            {
                Tensor part = context.Input(first + i);
                long run = part.ElementCount / rows * type.SizeOf();
                StridedCopy.Run(part.Data, run, result.Data + offset, rowBytes, rows, run);
                offset += run;
            }

            return result;
        }

        var writer = new ElementWriter(type, shape);
        for (long row = 0; row < rows; row++)
        {
            for (int i = 0; i < count; i++)
            {
                Tensor part = context.Input(first + i);
                long run = part.ElementCount / rows;
                writer.Write(part, row * run, run);
            }
        }

        return writer.Finish();
    }
}
