using System.Runtime.InteropServices;
using SharpServing.Tensors;

namespace SharpServing.Ops.Parsing;

/// <summary>Values of one feature of several examples, one after the other: float32, int64 or strings.</summary>
internal sealed class FeatureValues
{
    private readonly List<float> _floats = [];
    private readonly List<long> _integers = [];
    private readonly List<byte> _bytes = [];
    private readonly List<int> _stringEnds = [];

    public FeatureValues(DType type) => Type = type;

    public DType Type { get; }

    /// <summary>For each example, the number of values up to its end.</summary>
    public List<int> ExampleEnds { get; } = [];

    public int Count => Type switch
    {
        DType.Float => _floats.Count,
        DType.Int64 => _integers.Count,
        _ => _stringEnds.Count,
    };

    public void Clear()
    {
        _floats.Clear();
        _integers.Clear();
        _bytes.Clear();
        _stringEnds.Clear();
        ExampleEnds.Clear();
    }

    /// <summary>Ends an example, which may have had no values.</summary>
    public void EndExample() => ExampleEnds.Add(Count);

    public void Add(long value) => _integers.Add(value);

    public void Add(float value) => _floats.Add(value);

    public void Add(ReadOnlySpan<byte> value)
    {
        _bytes.AddRange(value);
        _stringEnds.Add(_bytes.Count);
    }

    /// <summary>Little-endian float32 values; as on the wire.</summary>
    public void AddFloats(ReadOnlySpan<byte> packed)
    {
        int first = _floats.Count;
        CollectionsMarshal.SetCount(_floats, first + (packed.Length / sizeof(float)));
        packed[..(packed.Length / sizeof(float) * sizeof(float))].CopyTo(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_floats)[first..]));
    }

    public ReadOnlySpan<byte> String(int index)
    {
        int start = index == 0 ? 0 : _stringEnds[index - 1];
        return CollectionsMarshal.AsSpan(_bytes)[start.._stringEnds[index]];
    }

    /// <summary>Number of values of an example, and the index of its first.</summary>
    public int CountOf(int example, out int first)
    {
        first = example == 0 ? 0 : ExampleEnds[example - 1];
        return ExampleEnds[example] - first;
    }

    /// <summary>The most values that one example has.</summary>
    public int LargestExample()
    {
        int largest = 0;
        for (int e = 0; e < ExampleEnds.Count; e++)
        {
            largest = System.Math.Max(largest, CountOf(e, out _));
        }

        return largest;
    }

    /// <summary>Values [first, first + count) to a plain tensor from element <paramref name="at"/> on.</summary>
    public void CopyTo(int first, int count, Tensor target, long at)
    {
        if (Type == DType.Float)
        {
            CollectionsMarshal.AsSpan(_floats).Slice(first, count).CopyTo(target.Span<float>()[(int)at..]);
        }
        else
        {
            CollectionsMarshal.AsSpan(_integers).Slice(first, count).CopyTo(target.Span<long>()[(int)at..]);
        }
    }

    /// <summary>All values; one reference for the caller.</summary>
    public Tensor ToTensor(in Shape shape)
    {
        if (Type != DType.String)
        {
            Tensor tensor = Tensor.Allocate(Type, shape);
            CopyTo(0, Count, tensor, 0);
            return tensor;
        }

        var builder = new StringTensorBuilder(shape);
        for (int i = 0; i < _stringEnds.Count; i++)
        {
            builder.Append(String(i));
        }

        return builder.Finish();
    }
}
