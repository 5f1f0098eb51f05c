using System.Buffers;

namespace SharpServing;

/// <summary>Gathers bytes in one array of the shared pool, which grows by doubling. <see cref="Clear"/> gives it back. Not thread-safe.</summary>
public sealed class PooledBufferWriter : IBufferWriter<byte>
{
    private readonly int _firstBytes;
    private byte[] _bytes = [];
    private int _length;

    /// <param name="firstBytes">What the first array has at least.</param>
    public PooledBufferWriter(int firstBytes = 256)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(firstBytes);
        _firstBytes = firstBytes;
    }

    /// <summary>Valid until the next write or clear.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, _length);

    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(0, _length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    /// <summary>Forgets what was written.</summary>
    public void Clear()
    {
        _length = 0;
        if (_bytes.Length > 0)
        {
            RequestArrays.Return(_bytes);
            _bytes = [];
        }
    }

    private void Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int wanted = Math.Max(sizeHint, 1);
        if (wanted <= _bytes.Length - _length)
        {
            return;
        }

        long needed = (long)_length + wanted;
        if (needed > Array.MaxLength)
        {
            throw new InvalidOperationException($"More than {Array.MaxLength} bytes in one buffer.");
        }

        int size = (int)Math.Max(needed, Math.Min(Math.Max(_firstBytes, _bytes.Length * 2L), Array.MaxLength));
        byte[] larger = RequestArrays.Rent<byte>(size);
        WrittenSpan.CopyTo(larger);
        int length = _length;
        Clear();
        _bytes = larger;
        _length = length;
    }
}
