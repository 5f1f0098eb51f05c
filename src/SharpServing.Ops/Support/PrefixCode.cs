namespace SharpServing.Ops.Support;

/// <summary>A canonical prefix code of deflate (RFC 1951, 3.2.2), bits from the least significant; codes of up to 10 bits are looked up.</summary>
internal sealed class PrefixCode
{
    public const int LookBits = 10;
    public const int LookSize = 1 << LookBits;
    private const int MaxBits = 15;

    private readonly int[] _counts = new int[MaxBits + 1];
    private readonly short[] _symbols;

    public PrefixCode(ReadOnlySpan<byte> lengths)
    {
        foreach (byte length in lengths)
        {
            _counts[length]++;
        }

        CodeCount = lengths.Length - _counts[0];
        _counts[0] = 0;
        int left = 1;
        Span<int> first = stackalloc int[MaxBits + 2];
        Span<int> next = stackalloc int[MaxBits + 2];
        int code = 0;
        for (int bits = 1; bits <= MaxBits; bits++)
        {
            left = (left << 1) - _counts[bits];
            code = (code + _counts[bits - 1]) << 1;
            next[bits] = code;
            first[bits + 1] = first[bits] + _counts[bits];
        }

        // Over-subscribed codes are none either.
        IsComplete = left == 0;
        _symbols = new short[CodeCount];
        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0)
            {
                continue;
            }

            _symbols[first[length]++] = (short)symbol;
            int bits = Reverse(next[length]++, length);
            if (length <= LookBits && bits < LookSize)
            {
                for (int i = bits; i < LookSize; i += 1 << length)
                {
                    Look[i] = (length << 9) | symbol;
                }
            }
        }
    }

    public bool IsComplete { get; }

    public int CodeCount { get; }

    /// <summary>By the next bits: length of the code times 512, and its symbol; 0 for longer codes and none.</summary>
    public int[] Look { get; } = new int[LookSize];

    /// <summary>Walks the code bit by bit; -1 when <paramref name="available"/> bits hold no code.</summary>
    public int FindLong(ulong bits, int available, out int length)
    {
        int code = 0;
        int first = 0;
        int index = 0;
        for (length = 1; length <= MaxBits && length <= available; length++)
        {
            code |= (int)(bits & 1);
            bits >>= 1;
            int count = _counts[length];
            if (code - count < first)
            {
                return _symbols[index + (code - first)];
            }

            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        return -1;
    }

    private static int Reverse(int code, int length)
    {
        int reversed = 0;
        for (int i = 0; i < length; i++)
        {
            reversed = (reversed << 1) | ((code >> i) & 1);
        }

        return reversed;
    }
}
