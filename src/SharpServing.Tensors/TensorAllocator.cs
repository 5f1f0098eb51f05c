using System.Numerics;

namespace SharpServing.Tensors;

/// <summary>
/// Source of tensor memory: pooled by size class, with limits per buffer and in sum. Thread-safe. Contents of a buffer are whatever
/// was there before.
/// </summary>
public sealed unsafe class TensorAllocator
{
    /// <summary>Above this a buffer is not kept after its release. Unit: bytes.</summary>
    private const long LargestPooled = 256L << 20;
    private const int MinimumShift = 7;
    private const int StepsPerDoubling = 4;
    private const int ClassCount = (28 - MinimumShift + 1) * StepsPerDoubling + 1;

    /// <summary>
    /// Of the classes of which each thread keeps one buffer for itself: up to 16 KiB. The memory of larger ones would grow with the number of
    /// threads, and what fills them takes longer than the lock.
    /// </summary>
    private const int LocalClassCount = (14 - MinimumShift) * StepsPerDoubling + 1;

    [ThreadStatic]
    private static TensorBuffer?[]? _local;

    private readonly Stack<TensorBuffer>[] _free = new Stack<TensorBuffer>[ClassCount];
    private readonly Lock[] _locks = new Lock[ClassCount];
    private long _inUse;
    private long _pooled;
    private long _leaks;

    public TensorAllocator()
    {
        for (int i = 0; i < ClassCount; i++)
        {
            _free[i] = new Stack<TensorBuffer>();
            _locks[i] = new Lock();
        }
    }

    public static TensorAllocator Shared { get; } = new();

    /// <summary>Largest single buffer. Unit: bytes. Default: no limit but the machine's.</summary>
    public long MaxBufferBytes { get; set; } = long.MaxValue;

    /// <summary>Limit on all live buffers. Unit: bytes. Default: no limit but the machine's.</summary>
    public long MaxTotalBytes { get; set; } = long.MaxValue;

    /// <summary>Released buffers kept for reuse, at most. Unit: bytes.</summary>
    public long MaxPooledBytes { get; set; } = 512L << 20;

    /// <summary>Bytes of all buffers with a reference.</summary>
    public long BytesInUse => Interlocked.Read(ref _inUse);

    /// <summary>Bytes kept for reuse in the shared free lists.</summary>
    public long BytesPooled => Interlocked.Read(ref _pooled);

    /// <summary>Buffers whose last reference was lost instead of released.</summary>
    public long Leaks => Interlocked.Read(ref _leaks);

    /// <summary>Memory for a request's values: pooled.</summary>
    /// <exception cref="StatusException">RESOURCE_EXHAUSTED: a limit is reached or the system refuses.</exception>
    public TensorBuffer Allocate(long bytes)
    {
        int sizeClass = ClassOf(bytes, out long capacity);
        if (sizeClass < 0 || bytes > LargestPooled)
        {
            return AllocateUnpooled(bytes);
        }

        if (sizeClass < LocalClassCount && _local is { } local && ReferenceEquals(this, Shared) && local[sizeClass] is { } cached)
        {
            local[sizeClass] = null;
            Charge(capacity);
            cached.Revive();
            return cached;
        }

        lock (_locks[sizeClass])
        {
            if (_free[sizeClass].TryPop(out TensorBuffer? buffer))
            {
                Interlocked.Add(ref _pooled, -capacity);
                Charge(capacity);
                buffer.Revive();
                return buffer;
            }
        }

        return Create(capacity, sizeClass);
    }

    /// <summary>Memory for weights and other state: exactly sized, given back to the system on release.</summary>
    /// <exception cref="StatusException">RESOURCE_EXHAUSTED: a limit is reached or the system refuses.</exception>
    public TensorBuffer AllocateUnpooled(long bytes) => Create(Math.Max(bytes, 1), -1);

    /// <summary>Gives every kept buffer back to the system.</summary>
    public void Trim()
    {
        for (int i = 0; i < ClassCount; i++)
        {
            while (true)
            {
                TensorBuffer? buffer;
                lock (_locks[i])
                {
                    if (!_free[i].TryPop(out buffer))
                    {
                        break;
                    }
                }

                Interlocked.Add(ref _pooled, -buffer.Capacity);
                Destroy(buffer);
            }
        }
    }

    internal void Return(TensorBuffer buffer)
    {
        long capacity = buffer.Capacity;
        Interlocked.Add(ref _inUse, -capacity);
        int sizeClass = buffer.SizeClass;
        if (sizeClass < 0)
        {
            Destroy(buffer);
            return;
        }

        if (sizeClass < LocalClassCount && ReferenceEquals(this, Shared))
        {
            TensorBuffer?[] local = _local ??= new TensorBuffer?[LocalClassCount];
            if (local[sizeClass] is null)
            {
                local[sizeClass] = buffer;
                return;
            }
        }

        if (Interlocked.Add(ref _pooled, capacity) > MaxPooledBytes)
        {
            Interlocked.Add(ref _pooled, -capacity);
            Destroy(buffer);
            return;
        }

        lock (_locks[sizeClass])
        {
            _free[sizeClass].Push(buffer);
        }
    }

    internal void Free(TensorBuffer buffer, bool leaked)
    {
        if (leaked)
        {
            Interlocked.Increment(ref _leaks);
            Interlocked.Add(ref _inUse, -buffer.Capacity);
        }

        NativePages.Free(buffer.Address, buffer.Capacity);
    }

    /// <summary>Smallest class that holds <paramref name="bytes"/>: powers of two from 128 bytes, four steps to each.</summary>
    private static int ClassOf(long bytes, out long capacity)
    {
        if (bytes <= 1L << MinimumShift)
        {
            capacity = 1L << MinimumShift;
            return 0;
        }

        int shift = 63 - BitOperations.LeadingZeroCount((ulong)(bytes - 1));
        long step = 1L << (shift - 2);
        long steps = ((bytes - (1L << shift)) + step - 1) / step;
        capacity = (1L << shift) + steps * step;
        int index = (shift - MinimumShift) * StepsPerDoubling + (int)steps;
        return index < ClassCount ? index : -1;
    }

    private static void Refuse(long bytes) =>
        throw StatusException.ResourceExhausted($"OOM when allocating tensor of {bytes} bytes");

    private TensorBuffer Create(long capacity, int sizeClass)
    {
        Charge(capacity);
        byte* address = NativePages.Allocate(capacity);
        if (address == null)
        {
            Interlocked.Add(ref _inUse, -capacity);
            Refuse(capacity);
        }

        return new TensorBuffer(this, address, capacity, sizeClass);
    }

    private void Charge(long capacity)
    {
        if (capacity > MaxBufferBytes || Interlocked.Add(ref _inUse, capacity) > MaxTotalBytes)
        {
            if (capacity <= MaxBufferBytes)
            {
                Interlocked.Add(ref _inUse, -capacity);
            }

            Refuse(capacity);
        }
    }

    private void Destroy(TensorBuffer buffer)
    {
#pragma warning disable CA1816 // The allocator is the one that disposes buffers.
        GC.SuppressFinalize(buffer);
#pragma warning restore CA1816
        Free(buffer, leaked: false);
    }
}
