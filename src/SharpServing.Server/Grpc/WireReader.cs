using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace SharpServing.Server.Grpc;

/// <summary>
/// Reads protobuf's wire format from pieces of memory. No method throws: what does not parse returns false, and the reader is then
/// of no more use. Accepts and refuses what protobuf's C++ parser does.
/// </summary>
internal ref struct WireReader
{
    /// <summary>Nested groups and messages before the input is refused, as in C++.</summary>
    private const int MaxDepth = 100;

    private readonly ReadOnlySequence<byte> _sequence;
    private readonly long _length;
    private ReadOnlySpan<byte> _span;
    private int _index;
    private SequencePosition _next;
    private long _before;

    public WireReader(in ReadOnlySequence<byte> sequence)
    {
        _sequence = sequence;
        _length = sequence.Length;
        if (sequence.IsSingleSegment)
        {
            _span = sequence.FirstSpan;
        }
        else
        {
            _next = sequence.Start;
            NextSegment();
        }
    }

    /// <summary>Bytes read so far.</summary>
    public readonly long Position => _before + _index;

    public readonly long Remaining => _length - Position;

    public readonly bool AtEnd => Remaining == 0;

    /// <summary>The bytes from <paramref name="start"/> on; no copy.</summary>
    public readonly ReadOnlySequence<byte> Slice(long start, long length) => _sequence.Slice(start, length);

    /// <summary>Field number 0 and the wire types 6 and 7 are refused.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadTag(out int field, out WireType type)
    {
        if (_index < _span.Length && _span[_index] < 0x80)
        {
            uint tag = _span[_index++];
            field = (int)(tag >> 3);
            type = (WireType)(tag & 7);
            return field != 0 && type <= WireType.Fixed32;
        }

        return TryReadLongTag(out field, out type);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadVarint(out ulong value)
    {
        if (_index < _span.Length && _span[_index] < 0x80)
        {
            value = _span[_index++];
            return true;
        }

        return TryReadLongVarint(out value);
    }

    /// <summary>A length within what remains.</summary>
    public bool TryReadLength(out int length)
    {
        bool read = TryReadVarint(out ulong value);
        length = (int)value;
        return read && value <= int.MaxValue && length <= Remaining;
    }

    public bool TryReadFixed32(out uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bool read = TryCopy(bytes);
        value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return read;
    }

    public bool TryReadFixed64(out ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bool read = TryCopy(bytes);
        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return read;
    }

    /// <summary>A length-delimited field's content, without a copy.</summary>
    public bool TryReadBytes(out ReadOnlySequence<byte> bytes)
    {
        bytes = default;
        if (!TryReadLength(out int length))
        {
            return false;
        }

        bytes = _sequence.Slice(Position, length);
        Advance(length);
        return true;
    }

    /// <summary>Fills <paramref name="target"/> with the next bytes.</summary>
    public bool TryCopy(scoped Span<byte> target)
    {
        if (target.Length > Remaining)
        {
            return false;
        }

        while (!target.IsEmpty)
        {
            if (_index == _span.Length)
            {
                NextSegment();
                continue;
            }

            int count = Math.Min(target.Length, _span.Length - _index);
            _span.Slice(_index, count).CopyTo(target);
            target = target[count..];
            _index += count;
        }

        return true;
    }

    /// <summary>Moves on over bytes that are known to be there.</summary>
    public void Advance(long count)
    {
        while (count > _span.Length - _index)
        {
            count -= _span.Length - _index;
            _index = _span.Length;
            NextSegment();
        }

        _index += (int)count;
    }

    /// <summary>Moves on over the field whose tag has just been read, an unknown one.</summary>
    public bool TrySkip(int field, WireType type, int depth = 0)
    {
        switch (type)
        {
            case WireType.Varint:
                return TryReadVarint(out _);
            case WireType.Fixed64:
                return TryAdvance(sizeof(ulong));
            case WireType.Fixed32:
                return TryAdvance(sizeof(uint));
            case WireType.Bytes:
                return TryReadLength(out int length) && TryAdvance(length);
            case WireType.StartGroup:
                return depth < MaxDepth && TrySkipGroup(field, depth + 1);
            default:
                return false;
        }
    }

    private bool TrySkipGroup(int group, int depth)
    {
        while (!AtEnd)
        {
            if (!TryReadTag(out int field, out WireType type))
            {
                return false;
            }

            if (type == WireType.EndGroup)
            {
                return field == group;
            }

            if (!TrySkip(field, type, depth))
            {
                return false;
            }
        }

        return false;
    }

    private bool TryAdvance(long count)
    {
        if (count > Remaining)
        {
            return false;
        }

        Advance(count);
        return true;
    }

    private bool TryReadLongTag(out int field, out WireType type)
    {
        bool read = TryReadLongVarint(out ulong tag);
        field = (int)(tag >> 3);
        type = (WireType)(tag & 7);
        return read && tag <= uint.MaxValue && field != 0 && type <= WireType.Fixed32;
    }

    private bool TryReadLongVarint(out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_index == _span.Length)
            {
                if (AtEnd)
                {
                    return false;
                }

                NextSegment();
            }

            byte b = _span[_index++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Goes on to the next segment that is not empty; at the end, to an empty span.</summary>
    private void NextSegment()
    {
        _before += _span.Length;
        _span = default;
        _index = 0;
        while (!_sequence.IsSingleSegment && _next.GetObject() is not null && _sequence.TryGet(ref _next, out ReadOnlyMemory<byte> memory))
        {
            if (!memory.IsEmpty)
            {
                _span = memory.Span;
                return;
            }
        }
    }
}
