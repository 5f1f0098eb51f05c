using SharpServing.Ops.Support;
using SharpServing.Tensors;

namespace SharpServing.Ops.Lookup;

/// <summary>
/// A hash table of a session: keys are strings or whole numbers, values single elements or small tensors of one shape. A static table is
/// filled once and then read without a lock; a mutable one is guarded by a lock.
/// </summary>
internal sealed class LookupTable
{
    private readonly Lock _lock = new();
    private Content? _content;

    public LookupTable(DType keyType, DType valueType, in Shape valueShape, bool isMutable)
    {
        KeyType = keyType;
        ValueType = valueType;
        ValueShape = valueShape;
        IsMutable = isMutable;
        _content = isMutable ? new Content(keyType) : null;
    }

    public DType KeyType { get; }

    public DType ValueType { get; }

    /// <summary>Shape of one key's value.</summary>
    public Shape ValueShape { get; }

    public bool IsMutable { get; }

    public bool IsInitialized => Volatile.Read(ref _content) is not null;

    public long Count
    {
        get
        {
            using Lock.Scope scope = _lock.EnterScope();
            return _content?.Count ?? 0;
        }
    }

    /// <summary>Values of the keys, the default where there is none.</summary>
    /// <exception cref="StatusException">FAILED_PRECONDITION, INVALID_ARGUMENT.</exception>
    public Tensor Find(Tensor keys, Tensor fallback)
    {
        Shape full = new([.. keys.Shape.Dimensions, .. ValueShape.Dimensions]);
        if (fallback.Shape != ValueShape && fallback.Shape != full)
        {
            throw StatusException.InvalidArgument($"Expected shape {ValueShape} or {full} for default value, got {fallback.Shape}");
        }

        Content content = Volatile.Read(ref _content) ?? throw StatusException.FailedPrecondition("Table not initialized.");
        if (!IsMutable)
        {
            return Find(content, keys, fallback, full);
        }

        using Lock.Scope scope = _lock.EnterScope();
        return Find(_content!, keys, fallback, full);
    }

    /// <summary>Fills a static table. Again: nothing happens when the number of keys is the same.</summary>
    /// <exception cref="StatusException">FAILED_PRECONDITION: filled otherwise before, or a key has two values. The table stays as it was.</exception>
    public void Initialize(Tensor keys, Tensor values)
    {
        using Lock.Scope scope = _lock.EnterScope();
        if (_content is { } old)
        {
            if (old.Count != keys.ElementCount)
            {
                throw StatusException.FailedPrecondition("Table was already initialized with different data.");
            }

            return;
        }

        var content = new Content(KeyType);
        for (long i = 0; i < keys.ElementCount; i++)
        {
            byte[] value = ReadValue(values, i);
            if (content.Find(keys, i) is not { } known)
            {
                content.Set(keys, i, value);
            }
            else if (!known.AsSpan().SequenceEqual(value))
            {
                throw StatusException.FailedPrecondition(
                    $"HashTable has different value for same key. Key {ElementText.Of(keys, i)} has {ElementText.Of(known, ValueType)} and trying to add value {ElementText.Of(values, i)}");
            }
        }

        Volatile.Write(ref _content, content);
    }

    /// <summary>Sets keys of a mutable table.</summary>
    public void Insert(Tensor keys, Tensor values, bool clear)
    {
        using Lock.Scope scope = _lock.EnterScope();
        Content content = clear ? new Content(KeyType) : _content!;
        for (long i = 0; i < keys.ElementCount; i++)
        {
            content.Set(keys, i, ReadValue(values, i));
        }

        _content = content;
    }

    public void Remove(Tensor keys)
    {
        using Lock.Scope scope = _lock.EnterScope();
        for (long i = 0; i < keys.ElementCount; i++)
        {
            _content!.Remove(keys, i);
        }
    }

    /// <summary>All keys and values; one reference each for the caller. Their order is free.</summary>
    public (Tensor Keys, Tensor Values) Export()
    {
        using Lock.Scope scope = _lock.EnterScope();
        Content content = _content ?? throw new StatusException(StatusCode.Aborted, "HashTable is not initialized.");
        (byte[] Key, byte[] Value)[] all = content.All();
        Tensor keys = Pack(KeyType, System.Array.ConvertAll(all, static entry => entry.Key), new Shape(all.Length));
        Tensor values = Pack(ValueType, System.Array.ConvertAll(all, static entry => entry.Value), new Shape([all.Length, .. ValueShape.Dimensions]));
        return (keys, values);
    }

    private static Tensor Pack(DType type, byte[][] elements, in Shape shape)
    {
        if (type == DType.String)
        {
            var builder = new StringTensorBuilder(shape);
            foreach (byte[] element in elements)
            {
                builder.Append(element);
            }

            return builder.Finish();
        }

        Tensor tensor = Tensor.Allocate(type, shape);
        Span<byte> target = tensor.Bytes;
        foreach (byte[] element in elements)
        {
            element.CopyTo(target);
            target = target[element.Length..];
        }

        return tensor;
    }

    private Tensor Find(Content content, Tensor keys, Tensor fallback, in Shape full)
    {
        // An immutable table takes the first default for all keys.
        bool single = !IsMutable || fallback.Shape != full;
        if (ValueType == DType.String)
        {
            var builder = new StringTensorBuilder(full);
            for (long i = 0; i < keys.ElementCount; i++)
            {
                builder.Append(content.Find(keys, i) is { } text ? text : fallback.String(single ? 0 : i));
            }

            return builder.Finish();
        }

        Tensor result = Tensor.Allocate(ValueType, full);
        Span<byte> target = result.Bytes;
        ReadOnlySpan<byte> defaults = fallback.Bytes;
        int size = checked((int)ValueShape.ElementCount * ValueType.SizeOf());
        for (int i = 0; i < keys.ElementCount; i++)
        {
            ReadOnlySpan<byte> value = content.Find(keys, i) is { } known ? known : defaults.Slice(single ? 0 : i * size, size);
            value.CopyTo(target[(i * size)..]);
        }

        return result;
    }

    private byte[] ReadValue(Tensor values, long index)
    {
        if (ValueType == DType.String)
        {
            return values.String(index).ToArray();
        }

        int size = checked((int)ValueShape.ElementCount * ValueType.SizeOf());
        return values.Bytes.Slice((int)index * size, size).ToArray();
    }

    /// <summary>Keys to values; a number is kept as its 64 bits, a value as its bytes.</summary>
    private sealed class Content
    {
        private readonly DType _keyType;
        private readonly Dictionary<byte[], byte[]> _texts = new(ByteKeyComparer.Instance);
        private readonly Dictionary<byte[], byte[]>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
        private readonly Dictionary<long, byte[]> _numbers = [];

        public Content(DType keyType)
        {
            _keyType = keyType;
            _lookup = _texts.GetAlternateLookup<ReadOnlySpan<byte>>();
        }

        public int Count => _texts.Count + _numbers.Count;

        public byte[]? Find(Tensor keys, long index)
        {
            if (_keyType == DType.String)
            {
                return _lookup.TryGetValue(keys.String(index), out byte[]? text) ? text : null;
            }

            return _numbers.GetValueOrDefault(Number(keys, (int)index));
        }

        public void Set(Tensor keys, long index, byte[] value)
        {
            if (_keyType == DType.String)
            {
                _lookup[keys.String(index)] = value;
            }
            else
            {
                _numbers[Number(keys, (int)index)] = value;
            }
        }

        public void Remove(Tensor keys, long index)
        {
            if (_keyType == DType.String)
            {
                _lookup.Remove(keys.String(index));
            }
            else
            {
                _numbers.Remove(Number(keys, (int)index));
            }
        }

        public (byte[] Key, byte[] Value)[] All() => _keyType == DType.String
            ? [.. _texts.Select(static entry => (entry.Key, entry.Value))]
            : [.. _numbers.Select(entry => (BitConverter.GetBytes(entry.Key)[.._keyType.SizeOf()], entry.Value))];

        private long Number(Tensor keys, int index) => _keyType == DType.Int32 ? keys.Span<int>()[index] : keys.Span<long>()[index];
    }
}
