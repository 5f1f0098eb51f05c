using System.Numerics;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Nn;

/// <summary>TopK, TopKV2: the largest elements of each row, equals in the order of their indices.</summary>
internal static class TopKOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("TopKV2", NnShapes.TopK, builder => Make(builder, null));
        registry.Add("TopK", NnShapes.TopK, builder => Make(builder, builder.Attributes.Int("k")));
    }

    private static OpKernel Make(KernelBuilder builder, long? k) =>
        builder.InputType(0) switch
        {
            DType.Float or DType.Half or DType.BFloat16 => new TopKKernel<float>(k),
            DType.Double => new TopKKernel<double>(k),
            DType.Int8 => new TopKKernel<sbyte>(k),
            DType.Int16 => new TopKKernel<short>(k),
            DType.Int32 => new TopKKernel<int>(k),
            DType.Int64 => new TopKKernel<long>(k),
            DType.UInt8 => new TopKKernel<byte>(k),
            DType.UInt16 => new TopKKernel<ushort>(k),
            DType.UInt32 => new TopKKernel<uint>(k),
            DType.UInt64 => new TopKKernel<ulong>(k),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private sealed class TopKKernel<T>(long? attribute) : OpKernel
        where T : unmanaged, INumber<T>
    {
        public override void Compute(OpContext context)
        {
            Tensor input = context.Input(0);
            long k = attribute ?? Count(context.Input(1));
            if (k < 0)
            {
                throw StatusException.InvalidArgument($"Need k >= 0, got {k}");
            }

            if (input.Rank < 1)
            {
                throw StatusException.InvalidArgument("input must be >= 1-D, got shape " + input.Shape);
            }

            long columns = input.Shape[-1];
            if (columns < k)
            {
                throw StatusException.InvalidArgument($"input must have at least k columns. Had {columns}, needed {k}");
            }

            bool narrow = input.DType is DType.Half or DType.BFloat16;
            Tensor source = narrow ? BFloat16Bridge.Widen(input) : input.AddRef();
            ReadOnlySpan<T> values = source.Span<T>();
            Shape shape = input.Shape.WithDimension(input.Rank - 1, k);
            long rows = input.Shape.CountOf(0, input.Rank - 1);
            var writer = new ElementWriter(input.DType, shape);
            long[] indices = new long[rows * k];
            int[] order = new int[columns];
            for (long row = 0; row < rows; row++)
            {
                int best = 0;
                T[] rowValues = values.Slice((int)(row * columns), (int)columns).ToArray();
                for (int i = 0; i < order.Length; i++)
                {
                    order[i] = i;
                }

                if (k == 1)
                {
                    // As the original's short way: NaN never wins.
                    foreach (int i in order)
                    {
                        best = rowValues[i] > rowValues[best] || (T.IsNaN(rowValues[best]) && !T.IsNaN(rowValues[i])) ? i : best;
                    }

                    order[0] = best;
                }
                else
                {
                    order.AsSpan().Sort((a, b) => rowValues[a] > rowValues[b] ? -1 : rowValues[a] < rowValues[b] ? 1 : a.CompareTo(b));
                }

                for (int i = 0; i < k; i++)
                {
                    writer.Write(input, (row * columns) + order[i], 1);
                    indices[(row * k) + i] = order[i];
                }
            }

            source.Release();
            context.SetOutput(0, writer.Finish());
            DType indexType = context.OutputType(1);
            if (indexType is DType.Int32 or DType.Int64)
            {
                context.SetOutput(1, IndexInput.Make(indexType, indices, shape));
                return;
            }

            Tensor small = context.Allocate(1, shape);
            for (int i = 0; i < indices.Length; i++)
            {
                small.Span<short>()[i] = unchecked((short)indices[i]);
            }
        }

        private static long Count(Tensor k) =>
            k.Rank == 0 ? IndexInput.Scalar(k) : throw StatusException.InvalidArgument($"k must be scalar, got shape {k.Shape}");
    }
}
