using System.Runtime.InteropServices;
using SharpServing.Server.Rest.Json;
using SharpServing.Tensors;

namespace SharpServing.Server.Rest;

/// <summary>
/// Gathers the values of one input in the order of the text, and makes its tensor at the end. A list of lists must be as deep and as
/// wide everywhere as at its first element. Not thread-safe.
/// </summary>
internal sealed class JsonTensorReader : IDisposable
{
    private readonly DType _type;
    private readonly List<long> _sizes = [];
    private long _values;
    private byte[] _bytes = [];
    private int _length;
    private List<byte[]>? _strings;

    public JsonTensorReader(DType type) => _type = type;

    /// <summary>Sizes of the value read last.</summary>
    public ReadOnlySpan<long> Sizes => CollectionsMarshal.AsSpan(_sizes);

    /// <summary>Reads one value: a number, a string, a list of such and so on.</summary>
    /// <param name="value">Any JSON value.</param>
    /// <param name="count">Elements in it.</param>
    public ServingStatus TryAdd(JsonValue value, out long count)
    {
        long before = _values;
        ReadSizes(value);

        // Deeper than a tensor can be: Finish then gives none.
        ServingStatus status = _sizes.Count > Shape.MaxRank ? ServingStatus.Ok : TryFill(value, 0);
        count = _values - before;
        return status;
    }

    /// <summary>The tensor of all values read. Values beyond its elements are dropped.</summary>
    /// <returns>Null when there is no tensor of that shape.</returns>
    public Tensor? Finish(ReadOnlySpan<long> sizes)
    {
        if (!Shape.TryCreate(sizes, out Shape shape))
        {
            return null;
        }

        if (_type == DType.String)
        {
            var builder = new StringTensorBuilder(shape);
            for (int i = 0; i < shape.ElementCount; i++)
            {
                builder.Append(_strings![i]);
            }

            return builder.Finish();
        }

        if (_type.SizeOf() == 0)
        {
            return null;
        }

        Tensor tensor = Tensor.Allocate(_type, shape);
        if (shape.ElementCount > 0)
        {
            _bytes.AsSpan(0, tensor.Bytes.Length).CopyTo(tensor.Bytes);
        }

        return tensor;
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            RequestArrays.Return(_bytes);
            _bytes = [];
        }
    }

    /// <summary>Denormal results become zero, as in the original's threads.</summary>
    internal static float ToFloat(double value)
    {
        float result = (float)value;
        return float.IsSubnormal(result) ? (float.IsNegative(result) ? -0.0f : 0) : result;
    }

    private void ReadSizes(JsonValue value)
    {
        _sizes.Clear();
        while (value.IsArray)
        {
            _sizes.Add(value.Count);
            if (value.Count == 0)
            {
                return;
            }

            value = value.First;
        }
    }

    private ServingStatus TryFill(JsonValue value, int level)
    {
        if (!value.IsArray)
        {
            return level == _sizes.Count ? TryAddValue(value) : RestFaults.WrongLevel(value, level + 1, _sizes.Count);
        }

        if (level >= _sizes.Count)
        {
            return RestFaults.UnexpectedList(level, _sizes.Count);
        }

        int count = value.Count;
        if (count != _sizes[level])
        {
            return RestFaults.UnexpectedSize(count, level, _sizes[level]);
        }

        JsonValue element = value.First;
        if (level == _sizes.Count - 1 && _type == DType.Float)
        {
            return TryFillFloats(element, count, level);
        }

        for (; count > 0; count--)
        {
            ServingStatus status = TryFill(element, level + 1);
            if (!status.IsOk)
            {
                return status;
            }

            element = element.Next;
        }

        return ServingStatus.Ok;
    }

    /// <summary>The innermost list of the most frequent type, without a dispatch for each number.</summary>
    private ServingStatus TryFillFloats(JsonValue element, int count, int level)
    {
        Span<float> target = MemoryMarshal.Cast<byte, float>(Reserve(count * sizeof(float)));
        for (int i = 0; i < count; i++)
        {
            if (!element.IsNumber)
            {
                _length += i * sizeof(float);
                _values += i;
                return TryFill(element, level + 1);
            }

            target[i] = ToFloat(element.Double);
            element = element.Next;
        }

        _length += count * sizeof(float);
        _values += count;
        return ServingStatus.Ok;
    }

    private ServingStatus TryAddValue(JsonValue value)
    {
        bool added;
        switch (_type)
        {
            case DType.Float:
                added = value.IsNumber;
                Add(added ? ToFloat(value.Double) : 0, added);
                break;
            case DType.Double:
                added = value.IsNumber;
                Add(added ? value.Double : 0, added);
                break;
            case DType.Int32:
                added = IsInt32(value);
                Add(added ? (int)value.Int64 : 0, added);
                break;
            case DType.Int16:
                added = IsInt32(value);
                Add(added ? (short)value.Int64 : (short)0, added);
                break;
            case DType.Int8 or DType.UInt8:
                added = IsInt32(value);
                Add(added ? (byte)value.Int64 : (byte)0, added);
                break;
            case DType.Int64:
                added = value.Kind == JsonKind.Int64;
                Add(added ? value.Int64 : 0, added);
                break;
            case DType.UInt32:
                added = value.Kind == JsonKind.Int64 && value.Int64 is >= 0 and <= uint.MaxValue;
                Add(added ? (uint)value.Int64 : 0, added);
                break;
            case DType.UInt64:
                added = value.Kind == JsonKind.UInt64 || (value.Kind == JsonKind.Int64 && value.Int64 >= 0);
                Add(added ? value.UInt64 : 0, added);
                break;
            case DType.Bool:
                added = value.Kind is JsonKind.True or JsonKind.False;
                Add(value.Kind == JsonKind.True, added);
                break;
            case DType.String:
                return TryAddString(value);
            default:
                return RestFaults.NoConversion(value, _type);
        }

        return added ? ServingStatus.Ok : RestFaults.WrongType(value, _type);
    }

    private static bool IsInt32(JsonValue value) => value.Kind == JsonKind.Int64 && value.Int64 is >= int.MinValue and <= int.MaxValue;

    private ServingStatus TryAddString(JsonValue value)
    {
        _strings ??= [];
        if (value.Kind == JsonKind.String)
        {
            _strings.Add(value.String.ToArray());
            _values++;
            return ServingStatus.Ok;
        }

        if (!value.IsObject)
        {
            return RestFaults.WrongType(value, _type);
        }

        if (!JsonBase64.TryGet(value, out JsonValue text))
        {
            return RestFaults.NoBase64(value);
        }

        byte[] decoded = new byte[Base64Text.MaxDecodedLength(text.String.Length)];
        if (!Base64Text.TryDecode(text.String, decoded, out int length))
        {
            return RestFaults.BadBase64;
        }

        _strings.Add(decoded[..length]);
        _values++;
        return ServingStatus.Ok;
    }

    private unsafe void Add<T>(T value, bool add)
        where T : unmanaged
    {
        if (add)
        {
            MemoryMarshal.Write(Reserve(sizeof(T)), value);
            _length += sizeof(T);
            _values++;
        }
    }

    /// <summary>Room behind what is there.</summary>
    private Span<byte> Reserve(int bytes)
    {
        if (_length + bytes > _bytes.Length)
        {
            int doubled = (int)Math.Min(_length * 2L, Array.MaxLength);
            byte[] larger = RequestArrays.Rent<byte>(Math.Max(256, Math.Max(checked(_length + bytes), doubled)));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            Dispose();
            _bytes = larger;
        }

        return _bytes.AsSpan(_length, bytes);
    }
}
