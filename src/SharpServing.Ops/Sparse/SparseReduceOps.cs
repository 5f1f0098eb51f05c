using System.Numerics;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;
using static SharpServing.Ops.Support.Requirements;

namespace SharpServing.Ops.Sparse;

/// <summary>
/// SparseReduceSum, SparseReduceMax and their forms with a sparse answer. Values whose indices are equal but for the reduced axes make one
/// group. A place without a group is 0 in the dense answer and absent in the sparse one, whose groups are sorted.
/// </summary>
internal static class SparseReduceOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("SparseReduceSum", SparseShapes.Reduce, static builder => Make(builder, isSum: true, isSparse: false));
        registry.Add("SparseReduceSumSparse", SparseShapes.ReduceSparse, static builder => Make(builder, isSum: true, isSparse: true));
        registry.Add("SparseReduceMax", SparseShapes.Reduce, static builder => Make(builder, isSum: false, isSparse: false));
        registry.Add("SparseReduceMaxSparse", SparseShapes.ReduceSparse, static builder => Make(builder, isSum: false, isSparse: true));
    }

    private static LambdaKernel Make(KernelBuilder builder, bool isSum, bool isSparse)
    {
        DType type = builder.InputType(1);
        if (type is DType.QInt8 or DType.QUInt8 or DType.QInt32 || (!isSum && type.IsComplex()))
        {
            throw MissingKernel.For(builder, "T", type);
        }

        bool keepDims = builder.Attributes.Bool("keep_dims");
        return new LambdaKernel(context =>
        {
            Groups groups = FindGroups(context, keepDims);
            Tensor values = Reduce(context.Input(1), groups, isSum);
            if (isSparse)
            {
                SetSparse(context, groups, values);
            }
            else
            {
                SetDense(context, groups, values);
            }
        });
    }

    private static Groups FindGroups(OpContext context, bool keepDims)
    {
        Tensor indices = context.Input(0);
        Tensor values = context.Input(1);
        Tensor shape = context.Input(2);
        Tensor axes = context.Input(3);
        Require(indices.Rank == 2, $"Expected input_indices to be a matrix; got shape: {indices.Shape}");
        Require(values.Rank == 1, $"Expected input_values to be a vector; got shape: {values.Shape}");
        Require(shape.Rank == 1, $"Expected input_shape to be a vector; got shape: {shape.Shape}");
        Require(axes.Rank <= 1, $"Expected reduction_axes to be a scalar or a vector; got shape: {axes.Shape}");
        Require(
            indices.Shape[0] == values.Shape[0],
            $"indices and values rows (indexing dimension) must match. (indices = {indices.Shape[0]}, values = {values.Shape[0]})");
        int rank = (int)shape.Shape[0];
        Require(indices.Shape[1] == rank, $"Index rank ({indices.Shape[1]}) and shape rank ({rank}) do not match");

        bool[] reduced = new bool[rank];
        foreach (long axis in IndexInput.All(axes))
        {
            Require(axis >= -rank && axis < rank, $"Invalid reduction dimension {axis}, for input with {rank} dimensions.");
            reduced[(int)(axis < 0 ? axis + rank : axis)] = true;
        }

        int[] kept = [.. Enumerable.Range(0, rank).Where(d => !reduced[d])];
        ReadOnlySpan<long> sizes = shape.Span<long>();
        long[] outer = new long[keepDims ? rank : kept.Length];
        for (int i = 0; i < outer.Length; i++)
        {
            outer[i] = !keepDims ? sizes[kept[i]] : reduced[i] ? 1 : sizes[i];
        }

        Require(Shape.TryCreate(outer, out Shape output), "input_shape is not the shape of a tensor");
        return new Groups(indices.Span<long>(), rank, kept, keepDims, output);
    }

    private static Tensor Reduce(Tensor values, Groups groups, bool isSum) => values.DType switch
    {
        DType.Float => Reduce<float, float>(values, groups, v => v, v => v, isSum ? (a, b) => a + b : Max),
        DType.Double => Reduce<double, double>(values, groups, v => v, v => v, isSum ? (a, b) => a + b : Max),
        DType.Half => Reduce<Half, float>(values, groups, v => (float)v, v => (Half)v, isSum ? (a, b) => a + b : Max),
        DType.BFloat16 => Reduce<BFloat16, float>(values, groups, v => (float)v, v => (BFloat16)v, isSum ? (a, b) => a + b : Max),
        DType.Complex64 => Reduce<Complex64, Complex>(values, groups, v => (Complex)v, v => (Complex64)v, (a, b) => a + b),
        DType.Complex128 => Reduce<Complex, Complex>(values, groups, v => v, v => v, (a, b) => a + b),
        DType.Int8 => Reduce<sbyte, long>(values, groups, v => v, v => (sbyte)v, isSum ? (a, b) => a + b : Max),
        DType.Int16 => Reduce<short, long>(values, groups, v => v, v => (short)v, isSum ? (a, b) => a + b : Max),
        DType.Int32 => Reduce<int, long>(values, groups, v => v, v => (int)v, isSum ? (a, b) => a + b : Max),
        DType.Int64 => Reduce<long, long>(values, groups, v => v, v => v, isSum ? (a, b) => a + b : Max),
        DType.UInt8 => Reduce<byte, ulong>(values, groups, v => v, v => (byte)v, isSum ? (a, b) => a + b : Max),
        DType.UInt16 => Reduce<ushort, ulong>(values, groups, v => v, v => (ushort)v, isSum ? (a, b) => a + b : Max),
        DType.UInt32 => Reduce<uint, ulong>(values, groups, v => v, v => (uint)v, isSum ? (a, b) => a + b : Max),
        _ => Reduce<ulong, ulong>(values, groups, v => v, v => v, isSum ? (a, b) => a + b : Max),
    };

    private static T Max<T>(T left, T right)
        where T : INumber<T> => T.Max(left, right);

    private static Tensor Reduce<T, TWide>(Tensor values, Groups groups, Func<T, TWide> widen, Func<TWide, T> narrow, Func<TWide, TWide, TWide> combine)
        where T : unmanaged
    {
        Tensor result = Tensor.Allocate(values.DType, new Shape(groups.Count));
        ReadOnlySpan<T> source = values.Span<T>();
        Span<T> target = result.Span<T>();
        for (int group = 0; group < groups.Count; group++)
        {
            ReadOnlySpan<int> members = groups.Members(group);
            TWide value = widen(source[members[0]]);
            foreach (int member in members[1..])
            {
                value = combine(value, widen(source[member]));
            }

            target[group] = narrow(value);
        }

        return result;
    }

    private static void SetSparse(OpContext context, Groups groups, Tensor values)
    {
        int rank = groups.Output.Rank;
        Span<long> indices = context.Allocate(0, new Shape(groups.Count, rank)).Span<long>();
        Span<long> sizes = context.Allocate(2, new Shape(rank)).Span<long>();
        for (int group = 0; group < groups.Count; group++)
        {
            groups.WriteIndex(group, indices.Slice(group * rank, rank));
        }

        for (int d = 0; d < rank; d++)
        {
            sizes[d] = groups.Output[d];
        }

        context.SetOutput(1, values);
    }

    private static void SetDense(OpContext context, Groups groups, Tensor values)
    {
        try
        {
            Tensor output = context.Allocate(0, groups.Output);
            output.Bytes.Clear();
            int size = values.DType.SizeOf();
            Span<long> index = stackalloc long[groups.Output.Rank];
            for (int group = 0; group < groups.Count; group++)
            {
                groups.WriteIndex(group, index);
                long offset = 0;
                for (int d = 0; d < index.Length; d++)
                {
                    Require(index[d] >= 0 && index[d] < groups.Output[d], $"Indices are not valid (out of bounds).  Shape: {groups.Output}");
                    offset = (offset * groups.Output[d]) + index[d];
                }

                values.Bytes.Slice(group * size, size).CopyTo(output.Bytes[(int)(offset * size)..]);
            }
        }
        finally
        {
            values.Release();
        }
    }

    /// <summary>The values' positions, sorted by what is kept of their indices, and where each group begins.</summary>
    private sealed class Groups
    {
        private readonly long[] _indices;
        private readonly int _rank;
        private readonly int[] _kept;
        private readonly bool _keepDims;
        private readonly int[] _order;
        private readonly List<int> _starts = [];

        public Groups(ReadOnlySpan<long> indices, int rank, int[] kept, bool keepDims, in Shape output)
        {
            _indices = indices.ToArray();
            _rank = rank;
            _kept = kept;
            _keepDims = keepDims;
            Output = output;
            _order = [.. Enumerable.Range(0, rank == 0 ? 0 : _indices.Length / rank)];
            System.Array.Sort(_order, (a, b) => Compare(a, b) is int result and not 0 ? result : a.CompareTo(b));
            for (int i = 0; i < _order.Length; i++)
            {
                if (i == 0 || Compare(_order[i - 1], _order[i]) != 0)
                {
                    _starts.Add(i);
                }
            }
        }

        /// <summary>Of the answer.</summary>
        public Shape Output { get; }

        public int Count => _starts.Count;

        public ReadOnlySpan<int> Members(int group)
        {
            int end = group + 1 < _starts.Count ? _starts[group + 1] : _order.Length;
            return _order.AsSpan(_starts[group], end - _starts[group]);
        }

        public void WriteIndex(int group, Span<long> target)
        {
            ReadOnlySpan<long> index = _indices.AsSpan(_order[_starts[group]] * _rank, _rank);
            target.Clear();
            for (int i = 0; i < _kept.Length; i++)
            {
                target[_keepDims ? _kept[i] : i] = index[_kept[i]];
            }
        }

        private int Compare(int left, int right)
        {
            foreach (int d in _kept)
            {
                int result = _indices[(left * _rank) + d].CompareTo(_indices[(right * _rank) + d]);
                if (result != 0)
                {
                    return result;
                }
            }

            return 0;
        }
    }
}
