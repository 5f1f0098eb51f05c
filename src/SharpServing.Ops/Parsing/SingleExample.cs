using SharpServing.Runtime.Execution;
using SharpServing.Tensors;

namespace SharpServing.Ops.Parsing;

/// <summary>Parses one serialized example without a batch dimension. Outputs in the same order as <see cref="ExampleBatch"/>.</summary>
internal sealed class SingleExample
{
    private readonly ExampleSpec _spec;
    private readonly OpContext _context;
    private readonly int _firstDefault;
    private readonly bool[][] _seen;

    /// <param name="firstDefault">Index of the input with the default of the first dense feature.</param>
    public SingleExample(ExampleSpec spec, OpContext context, int firstDefault)
    {
        _spec = spec;
        _context = context;
        _firstDefault = firstDefault;
        _seen = [new bool[spec.Dense.Length], new bool[spec.Sparse.Length], new bool[spec.Ragged.Length]];
    }

    private int DenseOutput => 3 * _spec.Sparse.Length;

    private int RaggedOutput => DenseOutput + _spec.Dense.Length;

    /// <exception cref="StatusException">INVALID_ARGUMENT.</exception>
    public void Run()
    {
        ReadOnlySpan<byte> example = _context.Input(0).String(0);
        var entries = new List<FeatureEntry>();
        if (!ExampleReader.TryRead(example, entries))
        {
            throw StatusException.InvalidArgument($"Could not parse example input, value: '{StatusText.FromBytes(example)}'");
        }

        for (int i = entries.Count - 1; i >= 0; i--)
        {
            ReadOnlySpan<byte> key = entries[i].Key(example);
            if (_spec.TryFind(key, out FeatureRole role, out int d))
            {
                ParseFeature(key, entries[i].Value(example), role, d);
            }
        }

        for (int d = 0; d < _spec.Dense.Length; d++)
        {
            if (!_seen[(int)FeatureRole.Dense][d])
            {
                UseDefault(d);
            }
        }

        for (int d = 0; d < _spec.Sparse.Length; d++)
        {
            if (!_seen[(int)FeatureRole.Sparse][d])
            {
                WriteSparse(d, new FeatureValues(_spec.Sparse[d]));
            }
        }

        for (int d = 0; d < _spec.Ragged.Length; d++)
        {
            if (!_seen[(int)FeatureRole.Ragged][d])
            {
                _context.SetOutput(RaggedOutput + d, new FeatureValues(_spec.Ragged[d]).ToTensor(new Shape(0)));
            }

            // One row has no splits.
            _context.Allocate(RaggedOutput + _spec.Ragged.Length + d, new Shape(0));
        }
    }

    private static StatusException Fault(ReadOnlySpan<byte> key, string text) =>
        StatusException.InvalidArgument($"Key: {StatusText.FromBytes(key)}.  {text}");

    private static StatusException Unreadable(ReadOnlySpan<byte> key, string what) => Fault(key, $"Can't parse serialized Example: {what}");

    private static string ListName(DType type) => type == DType.String ? "bytes_list" : $"{type.ToName()}_list";

    private void ParseFeature(ReadOnlySpan<byte> key, ReadOnlySpan<byte> feature, FeatureRole role, int d)
    {
        DType type = FeatureKind.Of(feature);
        ref bool seen = ref _seen[(int)role][d];
        if (type == DType.Invalid || seen)
        {
            return;
        }

        seen = true;
        DType expected = role switch
        {
            FeatureRole.Dense => _spec.Dense[d].Type,
            FeatureRole.Sparse => _spec.Sparse[d],
            _ => _spec.Ragged[d],
        };
        if (type != expected)
        {
            throw Fault(key, role == FeatureRole.Dense
                ? $"Data types don't match. Data type: {type.ToName()} but expected type: {expected.ToName()}"
                : $"Data types don't match. Expected type: {expected.ToName()}, Actual type: {type.ToName()}");
        }

        DenseFeature? dense = role == FeatureRole.Dense ? _spec.Dense[d] : null;
        bool isFixed = dense is { IsVariable: false };
        var values = new FeatureValues(type);
        if (!isFixed && type == DType.String && !FeatureKind.TryCountStrings(feature))
        {
            throw Unreadable(key, "Could not get num elements in bytes_list.");
        }

        if (!FeatureKind.TryRead(feature, values, isFixed ? dense!.Stride : int.MaxValue, out long count))
        {
            throw Unreadable(key, $"Parsing {ListName(type)} failed.");
        }

        if (dense is null)
        {
            WriteList(role, d, values);
        }
        else if (isFixed)
        {
            if (count != dense.Stride)
            {
                throw Unreadable(key, $"Some {ListName(type)} slice was not parsed.");
            }

            _context.SetOutput(DenseOutput + d, values.ToTensor(dense.Inner));
        }
        else
        {
            if (dense.Stride == 0 ? count != 0 : count % dense.Stride != 0)
            {
                throw StatusException.InvalidArgument(
                    $"Error while parsing feature with key {StatusText.FromBytes(key)}: number of elements should be divisible by {dense.Stride}, found {count} instead");
            }

            _context.SetOutput(DenseOutput + d, values.ToTensor(new Shape([count / System.Math.Max(dense.Stride, 1), .. dense.Inner.Dimensions])));
        }
    }

    private void WriteList(FeatureRole role, int d, FeatureValues values)
    {
        if (role == FeatureRole.Sparse)
        {
            WriteSparse(d, values);
        }
        else
        {
            _context.SetOutput(RaggedOutput + d, values.ToTensor(new Shape(values.Count)));
        }
    }

    private void WriteSparse(int d, FeatureValues values)
    {
        int sparse = _spec.Sparse.Length;
        Span<long> indices = _context.Allocate(d, new Shape(values.Count, 1)).Span<long>();
        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = i;
        }

        _context.SetOutput(sparse + d, values.ToTensor(new Shape(values.Count)));
        _context.SetOutput((2 * sparse) + d, Tensor.FromArray<long>([values.Count], new Shape(1)));
    }

    private void UseDefault(int d)
    {
        DenseFeature dense = _spec.Dense[d];
        if (dense.IsVariable)
        {
            _context.SetOutput(DenseOutput + d, Tensor.Zeros(dense.Type, new Shape([0, .. dense.Inner.Dimensions])));
            return;
        }

        if (_context.Input(_firstDefault + d).ElementCount == 0)
        {
            throw StatusException.InvalidArgument(
                $"Feature: {StatusText.FromBytes(_spec.DenseKeys[d])} (data type: {dense.Type.ToName()}) is required but could not be found.");
        }

        _context.Forward(DenseOutput + d, _firstDefault + d);
    }
}
