namespace SharpServing.Tensors;

/// <summary>
/// Native memory with a reference count. Owners call <see cref="AddRef"/> and <see cref="Release"/> in pairs; the last release
/// gives the memory back to its allocator. The finalizer is only a net under a lost reference: it frees and counts a leak.
/// </summary>
public sealed unsafe class TensorBuffer
{
    private readonly TensorAllocator _allocator;
    private int _references;

    internal TensorBuffer(TensorAllocator allocator, byte* address, long capacity, int sizeClass)
    {
        _allocator = allocator;
        Address = address;
        Capacity = capacity;
        SizeClass = sizeClass;
        _references = 1;
    }

#pragma warning disable MA0055 // The net for a lost reference: native memory must not leak because one release is missing.
    ~TensorBuffer() => _allocator.Free(this, leaked: _references > 0);
#pragma warning restore MA0055

    public byte* Address { get; }

    /// <summary>Usable bytes, at least what was asked for.</summary>
    public long Capacity { get; }

    /// <summary>Index of the pool's free list; -1: not pooled.</summary>
    internal int SizeClass { get; }

    /// <summary>True when the caller's reference is the only one: the memory may be written in place.</summary>
    public bool IsUnique => Volatile.Read(ref _references) == 1;

    public void AddRef() => Interlocked.Increment(ref _references);

    public void Release()
    {
        int left = Interlocked.Decrement(ref _references);
        if (left == 0)
        {
            _allocator.Return(this);
        }
        else if (left < 0)
        {
            throw new InvalidOperationException("A tensor buffer was released more often than it was referenced.");
        }
    }

    /// <summary>Taken from a free list: one reference again.</summary>
    internal void Revive() => Volatile.Write(ref _references, 1);
}
