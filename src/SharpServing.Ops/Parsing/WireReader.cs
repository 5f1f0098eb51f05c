using System.Buffers.Binary;

namespace SharpServing.Ops.Parsing;

/// <summary>
/// Reads protobuf's wire format from bytes with the tolerance of protobuf's <c>CodedInputStream</c>: a nested length beyond the enclosing one
/// is cut to it, varints of 32 bits drop their upper bits.
/// </summary>
internal ref struct WireReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private int _limit;

    public WireReader(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        _limit = bytes.Length;
    }

    public readonly bool AtEnd => _position == _limit;

    public readonly int Remaining => _limit - _position;

    public readonly int Position => _position;

    /// <summary>The next byte; 0 at the end.</summary>
    public readonly byte Peek() => AtEnd ? (byte)0 : _bytes[_position];

    public static byte VarintTag(int field) => (byte)(field << 3);

    public static byte LengthTag(int field) => (byte)((field << 3) | 2);

    public static byte Fixed32Tag(int field) => (byte)((field << 3) | 5);

    /// <summary>Takes the one-byte tag if it comes next.</summary>
    public bool TryTake(byte tag)
    {
        if (AtEnd || _bytes[_position] != tag)
        {
            return false;
        }

        _position++;
        return true;
    }

    public bool TryReadVarint(out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (AtEnd)
            {
                return false;
            }

            byte next = _bytes[_position++];
            if (shift < 64)
            {
                value |= (ulong)(next & 0x7F) << shift;
            }

            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    public bool TryReadVarint32(out uint value)
    {
        bool read = TryReadVarint(out ulong wide);
        value = unchecked((uint)wide);
        return read;
    }

    /// <summary>0 at the end and for a broken varint.</summary>
    public uint ReadTag() => TryReadVarint32(out uint tag) ? tag : 0;

    public bool TryReadFixed32(out uint value)
    {
        value = 0;
        if (Remaining < sizeof(uint))
        {
            return false;
        }

        value = BinaryPrimitives.ReadUInt32LittleEndian(_bytes[_position..]);
        _position += sizeof(uint);
        return true;
    }

    public bool TryRead(long count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (count > Remaining)
        {
            return false;
        }

        bytes = _bytes.Slice(_position, (int)count);
        _position += (int)count;
        return true;
    }

    /// <summary>Skips to the limit and says false when fewer bytes are left; does not move for a length beyond 2^31.</summary>
    public bool TrySkip(uint count)
    {
        if (count > int.MaxValue)
        {
            return false;
        }

        bool fits = count <= Remaining;
        _position = fits ? _position + (int)count : _limit;
        return fits;
    }

    /// <summary>A length and as many bytes; false when fewer are left.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return TryReadVarint32(out uint length) && TryRead(length, out bytes);
    }

    /// <summary>Ends reading <paramref name="length"/> bytes from here, or at the present limit if that comes first.</summary>
    /// <returns>The present limit, for <see cref="PopLimit"/>.</returns>
    public int PushLimit(uint length)
    {
        int old = _limit;
        if (length < (uint)Remaining)
        {
            _limit = _position + (int)length;
        }

        return old;
    }

    public void PopLimit(int limit) => _limit = limit;

    /// <summary>Skips an unknown field; groups are refused.</summary>
    public bool TrySkipField()
    {
        switch (ReadTag() & 7)
        {
            case 0:
                return TryReadVarint32(out _);
            case 1:
                return TryRead(sizeof(ulong), out _);
            case 2:
                bool read = TryReadVarint32(out uint length);
                if (read)
                {
                    _ = TrySkip(length);
                }

                return read;
            case 5:
                return TryReadFixed32(out _);
            default:
                return false;
        }
    }
}
