using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Verification.Tests.Shapes;

/// <summary>Nodes with random attributes and small random inputs, most of them valid: what no recorded case has tried.</summary>
internal sealed class RandomOpCases(int seed)
{
#pragma warning disable CA5394 // Any numbers do.
    private readonly Random _random = new(seed);

    public static string[] Ops { get; } =
    [
        "AddV2", "BatchMatMulV2", "BroadcastArgs", "BroadcastTo", "ConcatV2", "Conv2D", "Conv2DNchw", "ExpandDims", "GatherNd", "GatherV2", "MaxPool",
        "OneHot", "Pack", "Pad", "Range", "Reshape", "Select", "SelectV2", "Slice", "Split", "SplitV", "Squeeze", "StridedSlice", "Sum", "Tile", "Transpose", "Unpack",
    ];

    /// <returns>A node named as its op without inputs yet, and a tensor for each; one reference to each for the caller.</returns>
    public (NodeDef Node, Tensor[] Inputs) Make(string op)
    {
        long[] shape = Sizes(0, 4);
        int rank = shape.Length;
        switch (op)
        {
            case "AddV2":
                return Case(op, Float(shape), Float(Broadcastable(shape)));
            case "BroadcastTo":
                return Case(op, Float(Broadcastable(shape)), Ints(shape));
            case "BroadcastArgs":
                return Case(op, Ints(shape), Ints(Broadcastable(shape)));
            case "SelectV2":
                return Case(op, Bool(Broadcastable(shape)), Float(shape), Float(Broadcastable(shape)));
            case "Select":
                return Case(op, Bool(_random.Next(3) switch { 0 => [], 1 when rank > 0 => [shape[0]], _ => shape }), Float(shape), Float(shape));
            case "BatchMatMulV2":
                return MatMul();
            case "ConcatV2":
                int axis = _random.Next(-rank, Math.Max(rank, 1));
                return With(Case(op, Float(shape), Float(rank == 0 ? shape : Replace(shape, axis, Size())), Scalar(axis)), ("N", Int(2)));
            case "Conv2D" or "Conv2DNchw":
                return Conv(isNchw: op != "Conv2D");
            case "MaxPool":
                return Window(With(Case(op, Float([Size(), _random.Next(1, 7), _random.Next(1, 7), 2])), ("ksize", Ints([1, _random.Next(1, 4), _random.Next(1, 4), 1], 0))), isNchw: false);
            case "ExpandDims":
                return Case(op, Float(shape), Scalar(_random.Next(-rank - 1, rank + 1)));
            case "Squeeze":
                long[] ones = [.. Enumerable.Range(0, rank).Where(i => shape[i] == 1 && _random.Next(2) == 0).Select(i => _random.Next(2) == 0 ? i : (long)(i - rank))];
                return With(Case(op, Float(shape)), ("squeeze_dims", Ints(ones, 0)));
            case "Reshape":
                return Case(op, Float(shape), Ints(Reshaped(shape)));
            case "Tile":
                return Case(op, Float(shape), Ints([.. shape.Select(_ => (long)_random.Next(0, 3))]));
            case "Transpose":
                return Case(op, Float(shape), Ints([.. Enumerable.Range(0, rank).OrderBy(_ => _random.Next()).Select(i => _random.Next(2) == 0 ? i : (long)(i - rank))]));
            case "Pad":
                return Case(op, Float(shape), Tensor.FromArray<int>([.. Enumerable.Range(0, 2 * rank).Select(_ => _random.Next(0, 3))], new Shape(rank, 2)));
            case "Pack":
                return With(Case(op, Float(shape), Float(shape), Float(shape)), ("N", Int(3)), ("axis", Int(_random.Next(-rank - 1, rank + 1))));
            case "Unpack":
                long[] parts = [.. shape, Size()];
                int at = _random.Next(-parts.Length, parts.Length);
                return With(Case(op, Float(parts)), ("num", Int(parts[at < 0 ? at + parts.Length : at])), ("axis", Int(at)));
            case "Split":
                long[] whole = [.. shape, 2 * Size()];
                return With(Case(op, Scalar(_random.Next(2) == 0 ? -1 : rank), Float(whole)), ("num_split", Int(2)));
            case "SplitV":
                long[] sum = [.. shape, 3];
                return With(Case(op, Float(sum), Ints(_random.Next(2) == 0 ? [1, -1] : [_random.Next(0, 3), _random.Next(0, 4)]), Scalar(-1)), ("num_split", Int(2)));
            case "Slice":
                long[] begin = [.. shape.Select(size => (long)_random.Next(0, (int)size + 1))];
                return Case(op, Float(shape), Ints(begin), Ints([.. shape.Select((size, i) => _random.Next(3) == 0 ? -1 : _random.NextInt64(0, size - begin[i] + 1))]));
            case "StridedSlice":
                return StridedSlice(shape);
            case "Sum":
                long[] axes = [.. Enumerable.Range(0, rank).Where(_ => _random.Next(2) == 0).Select(i => _random.Next(2) == 0 ? i : (long)(i - rank))];
                return With(Case(op, Float(shape), axes.Length == 1 && _random.Next(2) == 0 ? Scalar(axes[0]) : Ints(axes)), ("keep_dims", new AttrValue { B = _random.Next(2) == 0 }));
            case "Range":
                return Case(op, Scalar(_random.Next(-5, 5)), Scalar(_random.Next(-5, 9)), Scalar(_random.Next(-3, 4)));
            case "OneHot":
                return With(Case(op, Ints(shape, zeros: true), Scalar(_random.Next(0, 4)), Float([]), Float([])), ("axis", Int(_random.Next(-1, rank + 1))));
            case "GatherV2":
                long[] table = [_random.Next(1, 4), .. shape];
                int rows = _random.Next(0, table.Length);
                int batch = _random.Next(0, Math.Min(rows, 1) + 1);
                return With(Case(op, Float(table), Ints([.. table[..batch], .. Sizes(0, 2)], zeros: true), Scalar(_random.Next(2) == 0 ? rows : rows - table.Length)), ("batch_dims", Int(batch)));
            default:
                return Case(op, Float([2, .. shape]), Ints([.. Sizes(0, 2), _random.Next(0, 2)], zeros: true));
        }
    }

    private static (NodeDef Node, Tensor[] Inputs) Case(string op, params Tensor[] inputs) => (new NodeDef { Name = op, Op = op }, inputs);

    private static (NodeDef Node, Tensor[] Inputs) With((NodeDef Node, Tensor[] Inputs) made, params (string Name, AttrValue Value)[] attributes)
    {
        foreach ((string name, AttrValue value) in attributes)
        {
            made.Node.Attr[name] = value;
        }

        return made;
    }

    private static AttrValue Int(long value) => new() { I = value };

    private static AttrValue Ints(long[] values, int _)
    {
        var list = new AttrValue.Types.ListValue();
        list.I.Add(values);
        return new AttrValue { List = list };
    }

    private static Tensor Scalar(long value) => Tensor.FromScalar((int)value);

    private static Tensor Ints(long[] values) => Tensor.FromArray<int>([.. values.Select(value => (int)value)], new Shape(values.Length));

    private static Tensor Ints(long[] shape, bool zeros) =>
        Tensor.Zeros(zeros ? DType.Int32 : DType.Float, new Shape(shape));

    private static Tensor Float(long[] shape) => Tensor.Zeros(DType.Float, new Shape(shape));

    private static Tensor Bool(long[] shape) => Tensor.Zeros(DType.Bool, new Shape(shape));

    private static long[] Replace(long[] shape, int axis, long size)
    {
        long[] replaced = [.. shape];
        replaced[axis < 0 ? axis + shape.Length : axis] = size;
        return replaced;
    }

    private long Size() => _random.Next(0, 4);

    private long[] Sizes(int from, int to) => [.. Enumerable.Range(0, _random.Next(from, to + 1)).Select(_ => Size())];

    private long[] Broadcastable(long[] shape) =>
        [.. shape[_random.Next(0, shape.Length + 1)..].Select(size => _random.Next(3) == 0 ? 1 : size)];

    private long[] Reshaped(long[] shape)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        long first = _random.Next(1, 4);
        long[] sizes = count == 0 ? [0, Size()] : count % first == 0 ? [first, count / first, 1] : [count];
        return _random.Next(2) == 0 ? sizes : Replace(sizes, _random.Next(0, sizes.Length), -1);
    }

    private (NodeDef Node, Tensor[] Inputs) MatMul()
    {
        long[] batch = Sizes(0, 2);
        long inner = Size();
        bool adjointX = _random.Next(2) == 0;
        bool adjointY = _random.Next(2) == 0;
        long[] x = adjointX ? [inner, Size()] : [Size(), inner];
        long[] y = adjointY ? [Size(), inner] : [inner, Size()];
        return With(
            Case("BatchMatMulV2", Float([.. batch, .. x]), Float([.. Broadcastable(batch), .. y])),
            ("adj_x", new AttrValue { B = adjointX }),
            ("adj_y", new AttrValue { B = adjointY }));
    }

    private (NodeDef Node, Tensor[] Inputs) Conv(bool isNchw)
    {
        (long height, long width) = (_random.Next(1, 7), _random.Next(1, 7));
        return Window(
            Case("Conv2D", Float(isNchw ? [Size(), 2, height, width] : [Size(), height, width, 2]), Float([_random.Next(1, 4), _random.Next(1, 4), 2, 3])), isNchw);
    }

    private (NodeDef Node, Tensor[] Inputs) Window((NodeDef Node, Tensor[] Inputs) made, bool isNchw)
    {
        string padding = (string[])["SAME", "VALID", "EXPLICIT"] is var all ? all[_random.Next(0, 3)] : "";
        int first = isNchw ? 2 : 1;
        long[] strides = [1, 1, 1, 1];
        long[] paddings = new long[8];
        for (int i = first; i < first + 2; i++)
        {
            strides[i] = _random.Next(1, 4);
            paddings[2 * i] = _random.Next(0, 3);
            paddings[(2 * i) + 1] = _random.Next(0, 3);
        }

        return With(
            made,
            ("strides", Ints(strides, 0)),
            ("padding", new AttrValue { S = Google.Protobuf.ByteString.CopyFromUtf8(padding) }),
            ("explicit_paddings", Ints(padding == "EXPLICIT" ? paddings : [], 0)),
            ("data_format", new AttrValue { S = Google.Protobuf.ByteString.CopyFromUtf8(isNchw ? "NCHW" : "NHWC") }));
    }

    private (NodeDef Node, Tensor[] Inputs) StridedSlice(long[] shape)
    {
        int count = _random.Next(0, shape.Length + 3);
        long[] Values(int from, int to) => [.. Enumerable.Range(0, count).Select(_ => (long)_random.Next(from, to))];
        long[] strides = [.. Values(-2, 3).Select(stride => stride == 0 ? 1 : stride)];
        Tensor input = shape.Length == 1 && _random.Next(2) == 0 ? Ints([.. Enumerable.Range(0, (int)shape[0]).Select(i => (long)i + 7)]) : Float(shape);
        return With(
            Case("StridedSlice", input, Ints(Values(-4, 5)), Ints(Values(-4, 5)), Ints(strides)),
            ("begin_mask", Int(Mask())),
            ("end_mask", Int(Mask())),
            ("ellipsis_mask", Int(_random.Next(2) == 0 ? 0 : 1 << _random.Next(0, 4))),
            ("new_axis_mask", Int(_random.Next(2) == 0 ? 0 : Mask())),
            ("shrink_axis_mask", Int(_random.Next(2) == 0 ? 0 : Mask())));

        long Mask() => _random.Next(0, 16);
    }
#pragma warning restore CA5394
}
