using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SharpServing.Tensors;

/// <summary>
/// A typed n-dimensional array: contiguous, row-major, 64-byte aligned (views: aligned to their element). Immutable once the kernel
/// that made it has finished. Reference counted: it starts with one reference, held by whoever made it.
/// <para>Plain types lie in native memory. A string tensor is one block: n+1 offsets (int64) and the bytes of all elements one after
/// the other. Resource and variant tensors hold managed objects.</para>
/// </summary>
public sealed unsafe class Tensor
{
    /// <summary>Objects kept for reuse on each thread: more than a run of most models gives back between two that it takes.</summary>
    private const int MaxSpare = 256;

    [ThreadStatic]
    private static Tensor[]? _spare;

    [ThreadStatic]
    private static int _spareCount;

    private readonly object?[]? _objects;
    private TensorBuffer? _buffer;
    private byte* _data;
    private Shape _shape;
    private int _references = 1;

    private Tensor(DType type, in Shape shape, TensorBuffer? buffer, byte* data)
    {
        DType = type;
        _shape = shape;
        _buffer = buffer;
        _data = data;
    }

    private Tensor(DType type, in Shape shape, object?[] objects)
    {
        DType = type;
        _shape = shape;
        _objects = objects;
    }

    public DType DType { get; private set; }

    public ref readonly Shape Shape => ref _shape;

    public int Rank => _shape.Rank;

    public long ElementCount => _shape.ElementCount;

    /// <summary>Address of the first element. For a string tensor: of the offsets.</summary>
    public byte* Data => _data;

    /// <summary>Bytes of a plain tensor's elements; of a string tensor's texts; 0 for a string variable without a value.</summary>
    public long ByteLength => DType != DType.String ? ElementCount * DType.SizeOf() : _data == null ? 0 : StringOffsets[(int)ElementCount];

    /// <summary>True when this is the only reference to this tensor and to its memory: it may be overwritten by its last reader.</summary>
    public bool IsUnique => Volatile.Read(ref _references) == 1 && _buffer is { IsUnique: true };

    /// <summary>True when this is the only reference to this tensor (its memory or objects may have others).</summary>
    public bool IsUniqueTensor => Volatile.Read(ref _references) == 1;

    /// <summary>Elements of a resource or variant tensor.</summary>
    public ReadOnlySpan<object?> Objects => _objects;

    private ReadOnlySpan<long> StringOffsets => new(_data, checked((int)ElementCount + 1));

    /// <summary>Uninitialised memory for a plain type, from the pool of request values.</summary>
    /// <exception cref="StatusException">RESOURCE_EXHAUSTED.</exception>
    public static Tensor Allocate(DType type, in Shape shape) => Allocate(type, shape, TensorAllocator.Shared, pooled: true);

    /// <param name="pooled">False for weights and other long-lived values.</param>
    /// <exception cref="StatusException">RESOURCE_EXHAUSTED.</exception>
    public static Tensor Allocate(DType type, in Shape shape, TensorAllocator allocator, bool pooled)
    {
        int size = type.SizeOf();
        if (size == 0)
        {
            throw new ArgumentException($"{type.ToName()} is not a plain type", nameof(type));
        }

        long count = shape.ElementCount;
        if (count == 0)
        {
            return Make(type, shape, null, null);
        }

        if (Math.BigMul(count, size, out long bytes) != 0 || bytes < 0)
        {
            throw StatusException.ResourceExhausted($"OOM when allocating tensor with shape{shape} and type {type.ToName()}");
        }

        TensorBuffer buffer = pooled ? allocator.Allocate(bytes) : allocator.AllocateUnpooled(bytes);
        return Make(type, shape, buffer, buffer.Address);
    }

    public static Tensor Zeros(DType type, in Shape shape)
    {
        if (type == DType.String)
        {
            var builder = new StringTensorBuilder(shape);
            return builder.Finish();
        }

        Tensor tensor = Allocate(type, shape);
        tensor.Bytes.Clear();
        return tensor;
    }

    public static Tensor FromScalar<T>(T value)
        where T : unmanaged => FromArray<T>([value], Shape.Scalar);

    public static Tensor FromArray<T>(ReadOnlySpan<T> values, in Shape shape)
        where T : unmanaged => FromArray(DTypeOf<T>.Value, values, shape);

    public static Tensor FromArray<T>(DType type, ReadOnlySpan<T> values, in Shape shape)
        where T : unmanaged
    {
        Tensor tensor = Allocate(type, shape);
        values.CopyTo(tensor.Span<T>());
        return tensor;
    }

    /// <summary>A string tensor of UTF-8 texts.</summary>
    public static Tensor FromStrings(ReadOnlySpan<string> values, in Shape shape)
    {
        var builder = new StringTensorBuilder(shape);
        foreach (string value in values)
        {
            builder.Append(System.Text.Encoding.UTF8.GetBytes(value));
        }

        return builder.Finish();
    }

    /// <summary>Takes over one reference to each element that is <see cref="IReferenceCounted"/>, and the array.</summary>
    public static Tensor FromObjects(DType type, object?[] objects, in Shape shape) => new(type, shape, objects);

    public static Tensor FromObject(DType type, object? value) => new(type, Shape.Scalar, [value]);

    /// <summary>Takes over one reference to <paramref name="buffer"/>, whose content is laid out as <see cref="StringTensorBuilder"/> does.</summary>
    internal static Tensor FromStringBuffer(TensorBuffer buffer, in Shape shape) => Make(DType.String, shape, buffer, buffer.Address);

    /// <summary>The same memory (one more reference to it) with another shape of as many elements, or another plain type of the same total size.</summary>
    public Tensor View(DType type, in Shape shape)
    {
        if (_objects is not null)
        {
            foreach (object? value in _objects)
            {
                (value as IReferenceCounted)?.AddRef();
            }

            return new Tensor(type, shape, _objects);
        }

        _buffer?.AddRef();
        return Make(type, shape, _buffer, _data);
    }

    public Tensor View(in Shape shape) => View(DType, shape);

    /// <summary>A plain tensor that shares this one's memory from element <paramref name="firstElement"/> on.</summary>
    public Tensor Slice(long firstElement, in Shape shape)
    {
        if (shape.ElementCount == 0)
        {
            return Make(DType, shape, null, null);
        }

        _buffer?.AddRef();
        return Make(DType, shape, _buffer, _data + firstElement * DType.SizeOf());
    }

    /// <summary>All elements of a plain tensor. Only the kernel that makes the tensor writes to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Span<T>()
        where T : unmanaged => new(_data, checked((int)_shape.ElementCount));

    /// <summary>The bytes of a plain tensor.</summary>
    public Span<byte> Bytes => new(_data, checked((int)(ElementCount * DType.SizeOf())));

    /// <summary>Value of a tensor's first element.</summary>
    public T Scalar<T>()
        where T : unmanaged => *(T*)_data;

    /// <summary>Element <paramref name="index"/> of a string tensor; valid while the tensor has a reference.</summary>
    public ReadOnlySpan<byte> String(long index)
    {
        long* offsets = (long*)_data;
        byte* bytes = _data + (ElementCount + 1) * sizeof(long);
        return new ReadOnlySpan<byte>(bytes + offsets[index], (int)(offsets[index + 1] - offsets[index]));
    }

    /// <summary>Element <paramref name="index"/> of a string tensor as text.</summary>
    public string Text(long index) => System.Text.Encoding.UTF8.GetString(String(index));

    public Tensor AddRef()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    /// <summary>Gives one reference back; the last one frees the memory.</summary>
    public void Release() => Drop();

    /// <summary>
    /// Like <see cref="Release"/>, for the owner of a place that only one thread looks into (a slot of a running plan): when the reference was the
    /// last one, this object stands for another tensor later. Nobody may compare it with a tensor of then.
    /// </summary>
    public void Recycle()
    {
        if (!Drop() || _objects is not null)
        {
            return;
        }

        _spare ??= new Tensor[MaxSpare];
        if (_spareCount < MaxSpare)
        {
            _spare[_spareCount++] = this;
        }
    }

    public override string ToString() => $"{DType.ToName()}{_shape}";

    /// <returns>True: that was the last reference, and nobody else looks at this object any more.</returns>
    private bool Drop()
    {
        int left = Interlocked.Decrement(ref _references);
        if (left < 0)
        {
            ThrowReleased();
        }

        if (left > 0)
        {
            return false;
        }

        _buffer?.Release();
        ReleaseObjects();
        return true;
    }

    private static Tensor Make(DType type, in Shape shape, TensorBuffer? buffer, byte* data)
    {
        int count = _spareCount;
        if (count == 0)
        {
            return new Tensor(type, shape, buffer, data);
        }

        Tensor tensor = _spare![--count];
        _spareCount = count;
        tensor.DType = type;
        tensor._shape = shape;
        tensor._buffer = buffer;
        tensor._data = data;
        Volatile.Write(ref tensor._references, 1);
        return tensor;
    }

    [DoesNotReturn]
    private static void ThrowReleased() =>
        throw new InvalidOperationException("A tensor was released more often than it was referenced.");

    private void ReleaseObjects()
    {
        foreach (object? value in _objects ?? [])
        {
            (value as IReferenceCounted)?.Release();
        }
    }
}
