namespace SharpServing.Ops.Support;

/// <summary>
/// Inflates one zlib stream (RFC 1950, 1951) into memory of a known size. Own code because callers must know whether the stream ended,
/// whether it held more, and whether its checksum was there.
/// </summary>
internal ref struct Inflater
{
    private const int MaxBits = 15;
    private readonly ReadOnlySpan<byte> _input;
    private readonly Span<byte> _output;
    private int _position;
    private int _written;
    private ulong _bits;
    private int _bitCount;

    private Inflater(ReadOnlySpan<byte> input, Span<byte> output)
    {
        _input = input;
        _output = output;
    }

    private static ReadOnlySpan<byte> LengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private static ReadOnlySpan<ushort> LengthBase =>
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static ReadOnlySpan<byte> LengthExtra => [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    private static ReadOnlySpan<ushort> DistanceBase =>
    [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
        16385, 24577,
    ];

    private static ReadOnlySpan<byte> DistanceExtra =>
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    /// <summary>Inflates a zlib stream; fills <paramref name="output"/> from its start.</summary>
    public static InflateResult Zlib(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (input.Length < 2)
        {
            return InflateResult.EndsEarly;
        }

        bool isHeader = (input[0] & 15) == 8 && input[0] >> 4 <= 7 && ((input[0] << 8) | input[1]) % 31 == 0 && (input[1] & 0x20) == 0;
        if (!isHeader)
        {
            return InflateResult.Bad;
        }

        var inflater = new Inflater(input[2..], output);
        InflateResult result = inflater.Run();
        if (result != InflateResult.Complete)
        {
            return result;
        }

        ReadOnlySpan<byte> rest = input[(2 + inflater._position - (inflater._bitCount / 8))..];
        if (rest.Length < sizeof(uint))
        {
            return InflateResult.EndsEarly;
        }

        bool isRight = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(rest) == Adler(output[..inflater._written]);
        return !isRight ? InflateResult.Bad : inflater._written == output.Length ? InflateResult.Complete : InflateResult.Short;
    }

    private static uint Adler(ReadOnlySpan<byte> bytes)
    {
        const int Modulus = 65521;
        uint a = 1;
        uint b = 0;
        while (!bytes.IsEmpty)
        {
            // 5552 bytes are the most whose sums fit 32 bits.
            int count = System.Math.Min(bytes.Length, 5552);
            foreach (byte value in bytes[..count])
            {
                a += value;
                b += a;
            }

            a %= Modulus;
            b %= Modulus;
            bytes = bytes[count..];
        }

        return (b << 16) | a;
    }

    private InflateResult Run()
    {
        while (true)
        {
            if (!TryRead(3, out int header))
            {
                return InflateResult.EndsEarly;
            }

            InflateResult result = (header >> 1) switch
            {
                0 => Stored(),
                1 => Compressed(FixedLiterals(), FixedDistances()),
                2 => Dynamic(),
                _ => InflateResult.Bad,
            };
            if (result != InflateResult.Complete || (header & 1) != 0)
            {
                return result;
            }
        }
    }

    private void Fill()
    {
        while (_bitCount <= 56 && _position < _input.Length)
        {
            _bits |= (ulong)_input[_position++] << _bitCount;
            _bitCount += 8;
        }
    }

    private bool TryRead(int count, out int value)
    {
        if (_bitCount < count)
        {
            Fill();
        }

        value = (int)(_bits & ((1u << count) - 1));
        if (_bitCount < count)
        {
            return false;
        }

        _bits >>= count;
        _bitCount -= count;
        return true;
    }

    private InflateResult Stored()
    {
        int odd = _bitCount & 7;
        _bits >>= odd;
        _bitCount -= odd;
        if (!TryRead(16, out int length) || !TryRead(16, out int complement))
        {
            return InflateResult.EndsEarly;
        }

        if (length != (~complement & 0xFFFF))
        {
            return InflateResult.Bad;
        }

        for (int i = 0; i < length; i++)
        {
            if (!TryRead(8, out int value))
            {
                return InflateResult.EndsEarly;
            }

            if (_written == _output.Length)
            {
                return InflateResult.More;
            }

            _output[_written++] = (byte)value;
        }

        return InflateResult.Complete;
    }

    private static PrefixCode FixedLiterals()
    {
        Span<byte> lengths = stackalloc byte[288];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..].Fill(8);
        return new PrefixCode(lengths);
    }

    private static PrefixCode FixedDistances()
    {
        Span<byte> lengths = stackalloc byte[32];
        lengths.Fill(5);
        return new PrefixCode(lengths);
    }

    private InflateResult Dynamic()
    {
        if (!TryRead(5, out int literals) || !TryRead(5, out int distances) || !TryRead(4, out int count))
        {
            return InflateResult.EndsEarly;
        }

        literals += 257;
        distances += 1;
        if (literals > 286 || distances > 30)
        {
            return InflateResult.Bad;
        }

        Span<byte> lengths = stackalloc byte[19];
        for (int i = 0; i < count + 4; i++)
        {
            if (!TryRead(3, out int length))
            {
                return InflateResult.EndsEarly;
            }

            lengths[LengthOrder[i]] = (byte)length;
        }

        var code = new PrefixCode(lengths);
        if (!code.IsComplete)
        {
            return InflateResult.Bad;
        }

        Span<byte> all = stackalloc byte[286 + 30];
        for (int i = 0; i < literals + distances;)
        {
            int symbol = ReadSymbol(code);
            if (symbol < 0)
            {
                return symbol == -1 ? InflateResult.EndsEarly : InflateResult.Bad;
            }

            if (symbol < 16)
            {
                all[i++] = (byte)symbol;
                continue;
            }

            (int bits, int least) = symbol switch
            {
                16 => (2, 3),
                17 => (3, 3),
                _ => (7, 11),
            };
            if (!TryRead(bits, out int more))
            {
                return InflateResult.EndsEarly;
            }

            int repeat = least + more;
            if ((symbol == 16 && i == 0) || i + repeat > literals + distances)
            {
                return InflateResult.Bad;
            }

            all.Slice(i, repeat).Fill(symbol == 16 ? all[i - 1] : (byte)0);
            i += repeat;
        }

        var literalCode = new PrefixCode(all[..literals]);
        var distanceCode = new PrefixCode(all.Slice(literals, distances));
        bool usable = all[256] != 0 && literalCode.IsComplete && (distanceCode.IsComplete || distanceCode.CodeCount <= 1);
        return usable ? Compressed(literalCode, distanceCode) : InflateResult.Bad;
    }

    /// <returns>-1: the input ends; -2: no such code.</returns>
    private int ReadSymbol(PrefixCode code)
    {
        if (_bitCount < MaxBits)
        {
            Fill();
        }

        int entry = code.Look[(int)(_bits & (PrefixCode.LookSize - 1))];
        int length = entry >> 9;
        if (entry == 0)
        {
            return code.FindLong(_bits, _bitCount, out length) is >= 0 and int symbol && Take(length) ? symbol : _bitCount >= MaxBits ? -2 : -1;
        }

        return Take(length) ? entry & 511 : -1;
    }

    private bool Take(int length)
    {
        if (length > _bitCount)
        {
            return false;
        }

        _bits >>= length;
        _bitCount -= length;
        return true;
    }

    private InflateResult Compressed(PrefixCode literals, PrefixCode distances)
    {
        while (true)
        {
            int symbol = ReadSymbol(literals);
            if (symbol < 256)
            {
                if (symbol < 0)
                {
                    return symbol == -1 ? InflateResult.EndsEarly : InflateResult.Bad;
                }

                if (_written == _output.Length)
                {
                    return InflateResult.More;
                }

                _output[_written++] = (byte)symbol;
                continue;
            }

            if (symbol == 256)
            {
                return InflateResult.Complete;
            }

            symbol -= 257;
            if (symbol >= LengthBase.Length)
            {
                return InflateResult.Bad;
            }

            if (!TryRead(LengthExtra[symbol], out int extra))
            {
                return InflateResult.EndsEarly;
            }

            int length = LengthBase[symbol] + extra;
            int distanceSymbol = ReadSymbol(distances);
            if (distanceSymbol is < 0 or >= 30)
            {
                return distanceSymbol == -1 ? InflateResult.EndsEarly : InflateResult.Bad;
            }

            if (!TryRead(DistanceExtra[distanceSymbol], out extra))
            {
                return InflateResult.EndsEarly;
            }

            int distance = DistanceBase[distanceSymbol] + extra;
            if (distance > _written)
            {
                return InflateResult.Bad;
            }

            bool fits = length <= _output.Length - _written;
            length = fits ? length : _output.Length - _written;
            for (int i = 0; i < length; i++, _written++)
            {
                _output[_written] = _output[_written - distance];
            }

            if (!fits)
            {
                return InflateResult.More;
            }
        }
    }
}
