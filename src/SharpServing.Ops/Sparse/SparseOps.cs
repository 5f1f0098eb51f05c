using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;
using static SharpServing.Ops.Support.Requirements;

namespace SharpServing.Ops.Sparse;

/// <summary>
/// Sparse tensors: indices [n, rank], values [n] and a shape [rank]. Only what moves values; any dtype.
/// </summary>
internal static class SparseOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("SparseToDense", SparseShapes.ToDense, static builder =>
        {
            bool validate = builder.Attributes.Bool("validate_indices");
            return new LambdaKernel(context => ToDense(context, validate));
        });
        registry.Add("SparseFillEmptyRows", SparseShapes.FillEmptyRows, FillEmptyRows);
        registry.Add("SparseReorder", SparseShapes.Reorder, Reorder);
    }

    private static void ToDense(OpContext context, bool validate)
    {
        Tensor indices = context.Input(0);
        Tensor sizes = context.Input(1);
        Tensor values = context.Input(2);
        Tensor fallback = context.Input(3);
        Require(indices.Rank <= 2, $"sparse_indices should be a scalar, vector, or matrix, got shape {indices.Shape}");
        long count = indices.Rank > 0 ? indices.Shape[0] : 1;
        int rank = (int)(indices.Rank > 1 ? indices.Shape[1] : 1);
        Require(sizes.Rank == 1, $"output_shape should be a vector, got shape {sizes.Shape}");
        Require(sizes.ElementCount == rank, $"output_shape has incorrect number of elements: {sizes.ElementCount} should be: {rank}");
        Require(
            values.Rank == 0 || (values.Rank == 1 && values.ElementCount == count),
            $"sparse_values has incorrect shape {values.Shape}, should be [] or [{count}]");
        Require(fallback.Rank == 0, "default_value should be a scalar.");
        Require(Shape.TryCreate(IndexInput.All(sizes), out Shape shape), "output_shape is not the shape of a tensor");

        // For each element of the output the value that it takes; later ones win.
        var taken = new Dictionary<long, long>();
        long[] all = IndexInput.All(indices);
        for (long i = 0; i < count; i++)
        {
            ReadOnlySpan<long> index = all.AsSpan((int)(i * rank), rank);
            long offset = Offset(index, shape);
            if (validate)
            {
                ReadOnlySpan<long> before = i > 0 ? all.AsSpan((int)((i - 1) * rank), rank) : default;
                CheckOrder(i, index, before, offset, shape);
            }

            Require(offset >= 0, $"Indices are not valid (out of bounds).  Shape: {shape}");
            taken[offset] = values.Rank == 0 ? 0 : i;
        }

        var writer = new ElementWriter(context.OutputType(0), shape);
        long next = 0;
        foreach ((long offset, long source) in taken.OrderBy(static pair => pair.Key))
        {
            writer.Repeat(fallback, 0, offset - next);
            writer.Write(values, source, 1);
            next = offset + 1;
        }

        writer.Repeat(fallback, 0, shape.ElementCount - next);
        context.SetOutput(0, writer.Finish());
    }

    /// <summary>Row-major offset; -1: out of bounds.</summary>
    private static long Offset(ReadOnlySpan<long> index, in Shape shape)
    {
        long offset = 0;
        for (int d = 0; d < index.Length; d++)
        {
            if (index[d] < 0 || index[d] >= shape[d])
            {
                return -1;
            }

            offset = (offset * shape[d]) + index[d];
        }

        return offset;
    }

    private static void CheckOrder(long i, ReadOnlySpan<long> index, ReadOnlySpan<long> before, long offset, in Shape shape)
    {
        string name = $"indices[{i}] = [{string.Join(',', index.ToArray())}]";
        Require(offset >= 0, $"{name} is out of bounds: need 0 <= index < {shape}");
        if (!before.IsEmpty)
        {
            int order = before.SequenceCompareTo(index);
            Require(
                order <= 0,
                $"{name} is out of order. Many sparse ops require sorted indices.\n    Use `tf.sparse.reorder` to create a correctly ordered copy.\n\n");
            Require(order < 0, $"{name} is repeated");
        }
    }

    private static void FillEmptyRows(OpContext context)
    {
        Tensor indices = context.Input(0);
        Tensor values = context.Input(1);
        Tensor denseShape = context.Input(2);
        Tensor fallback = context.Input(3);
        Require(denseShape.Rank == 1, $"dense_shape must be a vector, saw: {denseShape.Shape}");
        Require(indices.Rank == 2, $"indices must be a matrix, saw: {indices.Shape}");
        Require(values.Rank == 1, $"values must be a vector, saw: {values.Shape}");
        Require(
            indices.Shape[0] == values.Shape[0],
            $"The length of `values` ({values.Shape[0]}) must match the first dimension of `indices` ({indices.Shape[0]}).");
        Require(
            indices.Shape[1] == denseShape.Shape[0],
            $"The length of `dense_shape` ({denseShape.Shape[0]}) must match the second dimension of `indices` ({indices.Shape[1]}).");
        Require(fallback.Rank == 0, $"default_value must be a scalar, saw: {fallback.Shape}");
        Require(denseShape.ElementCount > 0, "Dense shape cannot be empty.");
        long rows = denseShape.Span<long>()[0];
        int count = (int)indices.Shape[0];
        int rank = (int)indices.Shape[1];
        Require(rows > 0 || count == 0, $"Received SparseTensor with dense_shape[0] = 0 but indices.shape[0] = {count}");
        ReadOnlySpan<long> source = indices.Span<long>();
        var perRow = new List<int>?[checked((int)rows)];
        for (int i = 0; i < count; i++)
        {
            long row = source[i * rank];
            Require(row >= 0 && row < rows, $"indices({i}, 0) is invalid: {row} >= {rows}");
            (perRow[row] ??= []).Add(i);
        }

        int total = count + perRow.Count(static row => row is null);
        Span<long> target = context.Allocate(0, new Shape(total, rank)).Span<long>();
        target.Clear();
        Span<bool> isEmpty = context.Allocate(2, new Shape(rows)).Span<bool>();
        Span<long> map = context.Allocate(3, new Shape(count)).Span<long>();
        var writer = new ElementWriter(values.DType, new Shape(total));
        int at = 0;
        for (int row = 0; row < perRow.Length; row++)
        {
            isEmpty[row] = perRow[row] is null;
            if (perRow[row] is not { } members)
            {
                target[at++ * rank] = row;
                writer.Write(fallback, 0, 1);
                continue;
            }

            foreach (int i in members)
            {
                source.Slice(i * rank, rank).CopyTo(target[(at * rank)..]);
                writer.Write(values, i, 1);
                map[i] = at++;
            }
        }

        context.SetOutput(1, writer.Finish());
    }

    private static void Reorder(OpContext context)
    {
        Tensor indices = context.Input(0);
        Tensor values = context.Input(1);
        Tensor shape = context.Input(2);
        Require(indices.Rank == 2, $"Sparse indices must be rank 2 but is rank {indices.Rank}");
        Require(values.Rank == 1, $"Sparse values must be rank 1 but is rank {values.Rank}");
        Require(shape.Rank == 1, $"Sparse shape must be rank 1 but is rank {shape.Rank}");
        int rank = (int)indices.Shape[1];
        Require(rank == shape.ElementCount, $"Index rank ({rank}) and shape rank ({shape.ElementCount}) do not match");
        long[] all = indices.Span<long>().ToArray();
        int[] order = [.. Enumerable.Range(0, (int)indices.Shape[0])];
        System.Array.Sort(order, (a, b) =>
        {
            int result = all.AsSpan(a * rank, rank).SequenceCompareTo(all.AsSpan(b * rank, rank));
            return result != 0 ? result : a.CompareTo(b);
        });
        Span<long> target = context.Allocate(0, indices.Shape).Span<long>();
        var writer = new ElementWriter(values.DType, values.Shape);
        for (int i = 0; i < order.Length; i++)
        {
            all.AsSpan(order[i] * rank, rank).CopyTo(target[(i * rank)..]);
            writer.Write(values, order[i], 1);
        }

        context.SetOutput(1, writer.Finish());
    }
}
