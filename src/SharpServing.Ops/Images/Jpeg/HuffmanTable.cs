namespace SharpServing.Ops.Images.Jpeg;

/// <summary>A Huffman table of ITU-T T.81, annex C, with codes of up to 8 bits looked up at once.</summary>
internal sealed class HuffmanTable
{
    public const int LookBits = 8;

    private readonly byte[] _values;
    private readonly int[] _maxCode = new int[18];
    private readonly int[] _valueOffset = new int[17];

    /// <param name="counts">Number of codes of each length from 1 to 16.</param>
    /// <param name="values">Symbols in order of their codes.</param>
    /// <exception cref="ImageDataException">The lengths make no prefix code.</exception>
    public HuffmanTable(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> values)
    {
        _values = new byte[256];
        values.CopyTo(_values);
        int code = 0;
        int index = 0;
        for (int length = 1; length <= 16; length++)
        {
            int count = counts[length - 1];
            _valueOffset[length] = index - code;
            for (int i = 0; i < count; i++, code++, index++)
            {
                if (length <= LookBits)
                {
                    int first = code << (LookBits - length);
                    Look.AsSpan(first & 0xFF, System.Math.Min(1 << (LookBits - length), 256 - (first & 0xFF)))
                        .Fill((ushort)((length << 8) | _values[index & 0xFF]));
                }
            }

            if (code > 1 << length)
            {
                throw new ImageDataException("Huffman code lengths");
            }

            _maxCode[length] = count > 0 ? code - 1 : -1;
            code <<= 1;
        }

        _maxCode[17] = int.MaxValue;
    }

    /// <summary>By the next 8 bits: length of the code times 256, and its symbol; 0 for longer codes.</summary>
    public ushort[] Look { get; } = new ushort[1 << LookBits];

    public int MaxCode(int length) => _maxCode[length];

    public byte Symbol(int code, int length) => _values[(code + _valueOffset[length]) & 0xFF];

    public bool HasSymbolAbove(int limit)
    {
        foreach (ushort look in Look)
        {
            if ((look & 0xFF) > limit && look >> 8 > 0)
            {
                return true;
            }
        }

        return false;
    }
}
