using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;
using static SharpServing.Ops.Support.Requirements;

namespace SharpServing.Ops.Parsing;

/// <summary>
/// ParseExample (keys as scalar inputs) and ParseExampleV2 (keys as vectors, ragged features, a scalar example too). Keys that never change
/// are looked up once.
/// </summary>
internal sealed class ParseExampleKernel : OpKernel
{
    private readonly bool _isV2;
    private readonly DenseFeature[] _dense;
    private readonly DType[] _sparse;
    private readonly DType[] _ragged = [];
    private readonly int _firstDefault;
    private readonly ExampleSpec? _spec;

    public ParseExampleKernel(KernelBuilder builder, bool isV2)
    {
        _isV2 = isV2;
        AttributeMap attributes = builder.Attributes;
        _sparse = attributes.Types("sparse_types");
        DType[] denseTypes = attributes.Types("Tdense");
        PartialShape[] shapes = attributes.Shapes("dense_shapes");
        long sparseCount = attributes.Int(isV2 ? "num_sparse" : "Nsparse");
        Require(sparseCount == _sparse.Length, "len(sparse_keys) != len(sparse_types)");
        if (!isV2)
        {
            Require(attributes.Int("Ndense") == denseTypes.Length, "len(dense_keys) != len(dense_types)");
        }

        Require(denseTypes.Length == shapes.Length, "len(dense_keys) != len(dense_shapes)");
        if (isV2)
        {
            _ragged = attributes.Types("ragged_value_types");
            Require(_ragged.Length == attributes.Types("ragged_split_types").Length, "len(ragged_keys) != len(ragged_split_types)");
        }

        _dense = MakeDense(denseTypes, shapes);
        _firstDefault = isV2 ? 5 : 2 + _sparse.Length + _dense.Length;
        var keys = new Tensor[_firstDefault - 2];
        for (int i = 0; i < keys.Length; i++)
        {
            if (builder.ConstantInput(i + 2) is not { } key)
            {
                return;
            }

            keys[i] = key;
        }

        if (FindFault(keys) is null)
        {
            _spec = MakeSpec(keys);
        }
    }

    public static DenseFeature[] MakeDense(DType[] types, PartialShape[] shapes)
    {
        var dense = new DenseFeature[types.Length];
        for (int i = 0; i < dense.Length; i++)
        {
            dense[i] = new DenseFeature(i, types[i], shapes[i]);
        }

        return dense;
    }

    public override void Compute(OpContext context)
    {
        Shape shape = context.Input(0).Shape;
        if (shape.Rank > 1 || (shape.Rank == 0 && !_isV2))
        {
            throw StatusException.InvalidArgument($"Expected serialized to be a {(_isV2 ? "scalar or " : "")}vector, got shape: {shape}");
        }

        Tensor names = context.Input(1);
        if (names.ElementCount > 0 && names.Shape != shape)
        {
            throw StatusException.InvalidArgument(
                $"Expected names have the same shape as serialized: name.shape={names.Shape}, serialized.shape={shape}");
        }

        ExampleSpec spec = _spec ?? ReadSpec(context);
        for (int d = 0; d < _dense.Length; d++)
        {
            _dense[d].CheckDefault(d, context.Input(_firstDefault + d));
        }

        if (shape.Rank == 0)
        {
            new SingleExample(spec, context, _firstDefault).Run();
        }
        else
        {
            new ExampleBatch(spec, context, _firstDefault).Run();
        }
    }

    private ExampleSpec ReadSpec(OpContext context)
    {
        var keys = new Tensor[_firstDefault - 2];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = context.Input(i + 2);
        }

        if (FindFault(keys) is { } fault)
        {
            throw StatusException.InvalidArgument(fault);
        }

        return MakeSpec(keys);
    }

    /// <summary>What is wrong with the keys, if anything.</summary>
    private string? FindFault(Tensor[] keys)
    {
        if (!_isV2)
        {
            return null;
        }

        return keys[1].ElementCount != _dense.Length ? $"Expected len(dense_keys) == len(dense_types) but got: {keys[1].ElementCount} vs. {_dense.Length}"
            : keys[0].ElementCount != _sparse.Length ? $"Expected len(sparse_keys) == num_sparse but got: {keys[0].ElementCount} vs. {_sparse.Length}"
            : keys[2].ElementCount != _ragged.Length ? $"Expected len(ragged_keys) == len(ragged_value_types) but got: {keys[2].ElementCount} vs. {_ragged.Length}"
            : null;
    }

    private ExampleSpec MakeSpec(Tensor[] keys) =>
        _isV2
            ? new ExampleSpec(Keys(keys[1]), _dense, Keys(keys[0]), _sparse, Keys(keys[2]), _ragged)
            : new ExampleSpec(Keys(keys[_sparse.Length..]), _dense, Keys(keys[.._sparse.Length]), _sparse, [], _ragged);

    private static byte[][] Keys(params Tensor[] tensors)
    {
        var keys = new List<byte[]>();
        foreach (Tensor tensor in tensors)
        {
            for (int i = 0; i < tensor.ElementCount; i++)
            {
                keys.Add(tensor.String(i).ToArray());
            }
        }

        return [.. keys];
    }
}
