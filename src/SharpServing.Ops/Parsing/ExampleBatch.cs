using SharpServing.Runtime.Execution;
using SharpServing.Tensors;

namespace SharpServing.Ops.Parsing;

/// <summary>
/// Parses a vector of serialized examples: fixed dense features straight into their outputs, the others by way of buffers that know where
/// each example ends. Outputs in op-definition order: indices, values, shapes of sparse ones, dense, ragged values, ragged splits.
/// </summary>
internal sealed class ExampleBatch
{
    private readonly ExampleSpec _spec;
    private readonly OpContext _context;
    private readonly int _firstDefault;
    private readonly Tensor _examples;
    private readonly Tensor _names;
    private readonly int _count;
    private readonly List<FeatureEntry> _entries = [];
    private readonly Tensor?[] _dense;
    private readonly StringTensorBuilder?[] _denseStrings;
    private readonly FeatureValues?[] _variable;
    private readonly FeatureValues[] _sparse;
    private readonly FeatureValues[] _ragged;
    private readonly FeatureValues[] _scratch = [new(DType.Float), new(DType.Int64), new(DType.String)];
    private readonly int[][] _seen;

    /// <param name="firstDefault">Index of the input with the default of the first dense feature.</param>
    public ExampleBatch(ExampleSpec spec, OpContext context, int firstDefault)
    {
        _spec = spec;
        _context = context;
        _firstDefault = firstDefault;
        _examples = context.Input(0);
        _names = context.Input(1);
        _count = checked((int)_examples.ElementCount);
        _dense = new Tensor?[spec.Dense.Length];
        _denseStrings = new StringTensorBuilder?[spec.Dense.Length];
        _variable = new FeatureValues?[spec.Dense.Length];
        _sparse = System.Array.ConvertAll(spec.Sparse, static type => new FeatureValues(type));
        _ragged = System.Array.ConvertAll(spec.Ragged, static type => new FeatureValues(type));
        _seen = [new int[spec.Dense.Length], new int[spec.Sparse.Length], new int[spec.Ragged.Length]];
        for (int d = 0; d < spec.Dense.Length; d++)
        {
            DenseFeature feature = spec.Dense[d];
            if (feature.IsVariable)
            {
                _variable[d] = new FeatureValues(feature.Type);
            }
            else if (feature.Type == DType.String)
            {
                _denseStrings[d] = new StringTensorBuilder(WithBatch(feature.Inner, _count));
            }
            else
            {
                _dense[d] = context.Allocate(DenseOutput + d, WithBatch(feature.Inner, _count));
            }
        }
    }

    private int DenseOutput => 3 * _spec.Sparse.Length;

    private int RaggedOutput => DenseOutput + _spec.Dense.Length;

    /// <exception cref="StatusException">INVALID_ARGUMENT: the first example that does not fit.</exception>
    public void Run()
    {
        for (int e = 0; e < _count; e++)
        {
            ParseExample(e);
        }

        for (int d = 0; d < _sparse.Length; d++)
        {
            WriteSparse(d, _sparse[d]);
        }

        for (int d = 0; d < _dense.Length; d++)
        {
            if (_variable[d] is { } values)
            {
                _context.SetOutput(DenseOutput + d, Pad(_spec.Dense[d], values, _context.Input(_firstDefault + d)));
            }
            else if (_denseStrings[d] is { } strings)
            {
                _context.SetOutput(DenseOutput + d, strings.Finish());
            }
        }

        for (int d = 0; d < _ragged.Length; d++)
        {
            WriteRagged(d, _ragged[d]);
        }
    }

    private static Shape WithBatch(in Shape inner, params ReadOnlySpan<long> outer) => new([.. outer, .. inner.Dimensions]);

    private string NameOf(int e) => _names.ElementCount > 0 ? StatusText.FromBytes(_names.String(e)) : "<unknown>";

    private StatusException Fault(int e, ReadOnlySpan<byte> key, string text) =>
        StatusException.InvalidArgument($"Name: {NameOf(e)}, Key: {StatusText.FromBytes(key)}, Index: {e}.  {text}");

    private StatusException Unreadable(int e, ReadOnlySpan<byte> key) => Fault(e, key, "Can't parse serialized Example.");

    private void ParseExample(int e)
    {
        ReadOnlySpan<byte> example = _examples.String(e);
        if (!ExampleReader.TryRead(example, _entries))
        {
            throw StatusException.InvalidArgument($"Could not parse example input, value: '{StatusText.FromBytes(example)}'");
        }

        // The last entry of a key wins: taken from the end, later ones of the same key are passed over.
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            ReadOnlySpan<byte> key = _entries[i].Key(example);
            if (_spec.TryFind(key, out FeatureRole role, out int d))
            {
                ParseFeature(e, key, _entries[i].Value(example), role, d);
            }
        }

        for (int d = 0; d < _dense.Length; d++)
        {
            if (_seen[(int)FeatureRole.Dense][d] <= e)
            {
                UseDefault(e, d);
            }
        }

        EndMissing(e, FeatureRole.Sparse, _sparse);
        EndMissing(e, FeatureRole.Ragged, _ragged);
    }

    private void EndMissing(int e, FeatureRole role, FeatureValues[] features)
    {
        for (int d = 0; d < features.Length; d++)
        {
            if (_seen[(int)role][d] <= e)
            {
                features[d].EndExample();
            }
        }
    }

    private void ParseFeature(int e, ReadOnlySpan<byte> key, ReadOnlySpan<byte> feature, FeatureRole role, int d)
    {
        DType type = FeatureKind.Of(feature);
        if (role == FeatureRole.Dense && type == DType.Invalid)
        {
            return;
        }

        ref int seen = ref _seen[(int)role][d];
        if (seen > e)
        {
            return;
        }

        seen = e + 1;
        if (role == FeatureRole.Dense)
        {
            DType expected = _spec.Dense[d].Type;
            if (type != expected)
            {
                throw Fault(e, key, $"Data types don't match. Data type: {type.ToName()} but expected type: {expected.ToName()}");
            }

            if (_variable[d] is { } variable)
            {
                ParseVariable(e, key, feature, _spec.Dense[d], variable);
            }
            else
            {
                ParseFixed(e, key, feature, d);
            }

            return;
        }

        FeatureValues values = role == FeatureRole.Sparse ? _sparse[d] : _ragged[d];
        if (type != DType.Invalid)
        {
            if (type != values.Type)
            {
                throw Fault(e, key, $"Data types don't match. Expected type: {values.Type.ToName()}, Actual type: {type.ToName()}");
            }

            if (!FeatureKind.TryRead(feature, values, int.MaxValue, out _))
            {
                throw Unreadable(e, key);
            }
        }

        values.EndExample();
    }

    private void ParseFixed(int e, ReadOnlySpan<byte> key, ReadOnlySpan<byte> feature, int d)
    {
        DenseFeature dense = _spec.Dense[d];
        int size = dense.Stride;
        FeatureValues values = _scratch[dense.Type == DType.Float ? 0 : dense.Type == DType.Int64 ? 1 : 2];
        values.Clear();
        if (!FeatureKind.TryRead(feature, values, size, out long count))
        {
            throw Unreadable(e, key);
        }

        if (count != size)
        {
            throw Fault(e, key, $"Number of {KindName(dense.Type)} values != expected.  Values size: {count} but output shape: {dense.Shape}");
        }

        if (_denseStrings[d] is { } strings)
        {
            for (int i = 0; i < size; i++)
            {
                strings.Append(values.String(i));
            }
        }
        else
        {
            values.CopyTo(0, size, _dense[d]!, (long)e * size);
        }
    }

    private void ParseVariable(int e, ReadOnlySpan<byte> key, ReadOnlySpan<byte> feature, DenseFeature dense, FeatureValues values)
    {
        if (!FeatureKind.TryRead(feature, values, int.MaxValue, out _))
        {
            throw Unreadable(e, key);
        }

        // The original counts what the examples of one minibatch have together.
        int first = FirstOfMinibatch(e);
        int counted = values.Count - (first == 0 ? 0 : values.ExampleEnds[first - 1]);
        if (dense.Stride == 0 ? counted != 0 : counted % dense.Stride != 0)
        {
            throw Fault(
                e, key, $"Number of {KindName(dense.Type)} values is not a multiple of stride length. Saw {counted} values but output shape is: {dense.Shape}");
        }

        values.EndExample();
    }

    private static string KindName(DType type) => type == DType.String ? "bytes" : type.ToName();

    /// <summary>The first example that the original parses together with example <paramref name="e"/>: minibatches of about 50 KB.</summary>
    private int FirstOfMinibatch(int e)
    {
        const long MinibatchBytes = 50000;
        if (_count <= 8)
        {
            return e;
        }

        long batches = 0;
        long bytes = 0;
        for (int i = 0; i < _count; i++)
        {
            batches += bytes == 0 ? 1 : 0;
            bytes += _examples.String(i).Length + 1;
            bytes = bytes > MinibatchBytes ? 0 : bytes;
        }

        batches = System.Math.Clamp(batches, 8, 64);
        long batch = (((long)e + 1) * batches - 1) / _count;
        return (int)(_count * batch / batches);
    }

    private void UseDefault(int e, int d)
    {
        if (_variable[d] is { } variable)
        {
            variable.EndExample();
            return;
        }

        DenseFeature dense = _spec.Dense[d];
        Tensor value = _context.Input(_firstDefault + d);
        if (value.ElementCount == 0)
        {
            throw StatusException.InvalidArgument(
                $"Name: {NameOf(e)}, Feature: {StatusText.FromBytes(_spec.DenseKeys[d])} (data type: {dense.Type.ToName()}) is required but could not be found.");
        }

        if (_denseStrings[d] is { } strings)
        {
            for (int i = 0; i < value.ElementCount; i++)
            {
                strings.Append(value.String(i));
            }
        }
        else
        {
            Span<byte> bytes = value.Bytes;
            bytes.CopyTo(_dense[d]!.Bytes[(e * bytes.Length)..]);
        }
    }

    private void WriteSparse(int d, FeatureValues values)
    {
        Span<long> indices = _context.Allocate(d, new Shape(values.Count, 2)).Span<long>();
        int at = 0;
        for (int e = 0; e < _count; e++)
        {
            int count = values.CountOf(e, out _);
            for (int i = 0; i < count; i++)
            {
                indices[at++] = e;
                indices[at++] = i;
            }
        }

        _context.SetOutput(_sparse.Length + d, values.ToTensor(new Shape(values.Count)));
        _context.SetOutput((2 * _sparse.Length) + d, Tensor.FromArray<long>([_count, values.LargestExample()], new Shape(2)));
    }

    private void WriteRagged(int d, FeatureValues values)
    {
        _context.SetOutput(RaggedOutput + d, values.ToTensor(new Shape(values.Count)));
        int output = RaggedOutput + _ragged.Length + d;
        Tensor splits = _context.Allocate(output, new Shape(_count + 1L));
        for (int e = 0; e <= _count; e++)
        {
            int end = e == 0 ? 0 : values.ExampleEnds[e - 1];
            if (splits.DType == DType.Int64)
            {
                splits.Span<long>()[e] = end;
            }
            else
            {
                splits.Span<int>()[e] = end;
            }
        }
    }

    /// <summary>Batch of a variable dense feature, filled up to the longest example with the padding element.</summary>
    private Tensor Pad(DenseFeature dense, FeatureValues values, Tensor padding)
    {
        int stride = System.Math.Max(dense.Stride, 1);
        int longest = values.LargestExample();
        Shape shape = WithBatch(dense.Inner, _count, longest / stride);
        if (dense.Type == DType.String)
        {
            var builder = new StringTensorBuilder(shape);
            for (int e = 0; e < _count; e++)
            {
                int count = values.CountOf(e, out int first);
                for (int i = 0; i < longest; i++)
                {
                    builder.Append(i < count ? values.String(first + i) : padding.String(0));
                }
            }

            return builder.Finish();
        }

        Tensor tensor = Tensor.Allocate(dense.Type, shape);
        if (dense.Type == DType.Float)
        {
            tensor.Span<float>().Fill(padding.Scalar<float>());
        }
        else
        {
            tensor.Span<long>().Fill(padding.Scalar<long>());
        }

        for (int e = 0; e < _count; e++)
        {
            int count = values.CountOf(e, out int first);
            values.CopyTo(first, count, tensor, (long)e * longest);
        }

        return tensor;
    }
}
