namespace SharpServing.Ops.Images.Jpeg;

/// <summary>
/// Bytes, markers and entropy-coded bits of one file. A marker ends the bits: zeros follow until it is taken. The end of the file is a
/// marker EOI when it is to be forgiven, else <see cref="JpegEndException"/>.
/// </summary>
internal ref struct JpegSource
{
    public const byte EndOfImage = 0xD9;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly bool _forgiveEnd;
    private int _position;
    private int _unitStart = int.MaxValue;
    private ulong _bits;
    private int _bitCount;

    public JpegSource(ReadOnlySpan<byte> bytes, bool forgiveEnd)
    {
        _bytes = bytes;
        _forgiveEnd = forgiveEnd;
    }

    /// <summary>A marker that was found and not yet taken; 0: none.</summary>
    public byte Marker { get; set; }

    /// <summary>The bits ran out: what follows up to the next restart is left as it is.</summary>
    public bool IsExhausted { get; set; }

    public byte ReadByte()
    {
        if (_position < _bytes.Length)
        {
            return _bytes[_position++];
        }

        if (!_forgiveEnd)
        {
            throw new JpegEndException();
        }

        // The original's source still counts the bytes that the unit has taken: it gives them again, until a unit begins where none are left.
        if (_unitStart < _bytes.Length && _bytes[_unitStart..].ContainsAnyExcept((byte)0xFF))
        {
            _position = _unitStart;
            return _bytes[_position++];
        }

        // FF D9 over and over.
        int past = _position++ - _bytes.Length;
        return (past & 1) == 0 ? (byte)0xFF : EndOfImage;
    }

    public int ReadUInt16() => (ReadByte() << 8) | ReadByte();

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count > _bytes.Length - _position)
        {
            byte[] bytes = new byte[count];
            foreach (ref byte value in bytes.AsSpan())
            {
                value = ReadByte();
            }

            return bytes;
        }

        _position += count;
        return _bytes.Slice(_position - count, count);
    }

    public void SkipSegment()
    {
        int length = ReadUInt16() - 2;
        if (length < 0)
        {
            throw new ImageDataException("segment length");
        }

        if (length > _bytes.Length - _position && !_forgiveEnd)
        {
            throw new JpegEndException();
        }

        _position = System.Math.Min(_position + length, _bytes.Length);
    }

    /// <summary>Skips to the next marker and leaves it in <see cref="Marker"/>.</summary>
    public void FindMarker()
    {
        byte next;
        do
        {
            while (ReadByte() != 0xFF)
            {
            }

            do
            {
                next = ReadByte();
            }
            while (next == 0xFF);
        }
        while (next == 0);

        Marker = next;
    }

    /// <summary>From here to <see cref="EndUnit"/> a marker's segment or the blocks of one step of a scan are read.</summary>
    public void BeginUnit() => _unitStart = _position;

    public void EndUnit() => _unitStart = int.MaxValue;

    public void DropBits()
    {
        _bits = 0;
        _bitCount = 0;
    }

    public int ReadBits(int count)
    {
        if (count == 0)
        {
            return 0;
        }

        if (_bitCount < count)
        {
            Fill(count);
        }

        _bitCount -= count;
        return (int)(_bits >> _bitCount) & ((1 << count) - 1);
    }

    public int ReadBit() => ReadBits(1);

    /// <summary>A value of <paramref name="size"/> bits, negative when its first bit is 0 (T.81, figure F.12).</summary>
    public int ReadSigned(int size)
    {
        int value = ReadBits(size);
        return size > 0 && value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
    }

    public int ReadSymbol(HuffmanTable table)
    {
        if (_bitCount < HuffmanTable.LookBits)
        {
            Fill(0);
        }

        int length = 1;
        if (_bitCount >= HuffmanTable.LookBits)
        {
            int look = table.Look[(_bits >> (_bitCount - HuffmanTable.LookBits)) & 0xFF];
            if (look != 0)
            {
                _bitCount -= look >> 8;
                return look & 0xFF;
            }

            length = HuffmanTable.LookBits + 1;
        }

        int code = ReadBits(length);
        while (length <= 16 && code > table.MaxCode(length))
        {
            code = (code << 1) | ReadBit();
            length++;
        }

        // A code that is none counts as 0.
        return length > 16 ? 0 : table.Symbol(code, length);
    }

    /// <summary>Takes bytes up to at least 57 bits, or <paramref name="needed"/> zeros at the end of the bits.</summary>
    private void Fill(int needed)
    {
        while (_bitCount < 57 && Marker == 0)
        {
            byte next = ReadByte();
            if (next == 0xFF)
            {
                byte after;
                do
                {
                    after = ReadByte();
                }
                while (after == 0xFF);

                if (after != 0)
                {
                    Marker = after;
                    break;
                }
            }

            _bits = (_bits << 8) | next;
            _bitCount += 8;
        }

        if (needed > _bitCount)
        {
            IsExhausted = true;
            _bits <<= 57 - _bitCount;
            _bitCount = 57;
        }
    }
}
