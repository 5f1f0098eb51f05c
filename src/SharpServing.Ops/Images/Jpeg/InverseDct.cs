namespace SharpServing.Ops.Images.Jpeg;

/// <summary>
/// Inverse discrete cosine transforms of 8 by 8 coefficients, bit for bit as libjpeg-turbo's: fast (AAN, 16-bit arithmetic), accurate
/// (Loeffler, Ligtenberg, Moschytz with 13-bit constants) and the reduced ones to 4, 2 and 1 samples a side.
/// </summary>
internal static class InverseDct
{
    private const int ConstBits = 13;
    private const int Pass1Bits = 2;

    /// <summary>Scale factors of the fast transform, 14 fraction bits: cos(k π / 16) √2 products (Arai, Agui, Nakajima).</summary>
    private static readonly ushort[] AanScales =
    [
        16384, 22725, 21407, 19266, 16384, 12873, 8867, 4520,
        22725, 31521, 29692, 26722, 22725, 17855, 12299, 6270,
        21407, 29692, 27969, 25172, 21407, 16819, 11585, 5906,
        19266, 26722, 25172, 22654, 19266, 15137, 10426, 5315,
        16384, 22725, 21407, 19266, 16384, 12873, 8867, 4520,
        12873, 17855, 16819, 15137, 12873, 10114, 6967, 3552,
        8867, 12299, 11585, 10426, 8867, 6967, 4799, 2446,
        4520, 6270, 5906, 5315, 4520, 3552, 2446, 1247,
    ];

    /// <summary>Multipliers of the coefficients in natural order.</summary>
    /// <param name="zigzag">Quantization table as in the file.</param>
    public static int[] Multipliers(ReadOnlySpan<ushort> zigzag, bool fast)
    {
        var table = new int[64];
        for (int i = 0; i < 64; i++)
        {
            int at = JpegDecoder.NaturalOrder[i];
            table[at] = fast ? (short)(((zigzag[i] * AanScales[at]) + (1 << 11)) >> 12) : zigzag[i];
        }

        return table;
    }

    /// <summary>8 by 8, fast.</summary>
    public static void Fast(ReadOnlySpan<short> block, ReadOnlySpan<int> multipliers, Span<byte> output, int pitch)
    {
        Span<short> work = stackalloc short[64];
        for (int i = 0; i < 64; i++)
        {
            work[i] = unchecked((short)(block[i] * multipliers[i]));
        }

        for (int i = 0; i < 8; i++)
        {
            FastPass(work[i..], 8);
        }

        for (int y = 0; y < 8; y++)
        {
            Span<short> row = work.Slice(y * 8, 8);
            FastPass(row, 1);
            Span<byte> line = output.Slice(y * pitch, 8);
            for (int x = 0; x < 8; x++)
            {
                line[x] = (byte)(System.Math.Clamp(row[x] >> (Pass1Bits + 3), -128, 127) + 128);
            }
        }
    }

    /// <summary>8 by 8, accurate.</summary>
    public static void Accurate(ReadOnlySpan<short> block, ReadOnlySpan<int> multipliers, Span<byte> output, int pitch)
    {
        Span<int> work = stackalloc int[64];
        for (int i = 0; i < 64; i++)
        {
            work[i] = block[i] * multipliers[i];
        }

        for (int i = 0; i < 8; i++)
        {
            AccuratePass(work[i..], 8, ConstBits - Pass1Bits);
        }

        for (int y = 0; y < 8; y++)
        {
            Span<int> row = work.Slice(y * 8, 8);
            AccuratePass(row, 1, ConstBits + Pass1Bits + 3);
            Store(row, output.Slice(y * pitch, 8));
        }
    }

    /// <summary>4 by 4.</summary>
    public static void Half(ReadOnlySpan<short> block, ReadOnlySpan<int> multipliers, Span<byte> output, int pitch)
    {
        Span<int> work = stackalloc int[64];
        for (int i = 0; i < 64; i++)
        {
            work[i] = block[i] * multipliers[i];
        }

        for (int x = 0; x < 8; x++)
        {
            if (x != 4)
            {
                HalfPass(work[x..], 8, ConstBits - Pass1Bits + 1);
            }
        }

        for (int y = 0; y < 4; y++)
        {
            Span<int> row = work.Slice(y * 8, 8);
            HalfPass(row, 1, ConstBits + Pass1Bits + 3 + 1);
            Store(row[..4], output.Slice(y * pitch, 4));
        }
    }

    /// <summary>2 by 2.</summary>
    public static void Quarter(ReadOnlySpan<short> block, ReadOnlySpan<int> multipliers, Span<byte> output, int pitch)
    {
        Span<int> work = stackalloc int[64];
        for (int i = 0; i < 64; i++)
        {
            work[i] = block[i] * multipliers[i];
        }

        for (int x = 0; x < 8; x++)
        {
            if (x is not (2 or 4 or 6))
            {
                QuarterPass(work[x..], 8, ConstBits - Pass1Bits + 2);
            }
        }

        for (int y = 0; y < 2; y++)
        {
            Span<int> row = work.Slice(y * 8, 8);
            QuarterPass(row, 1, ConstBits + Pass1Bits + 3 + 2);
            Store(row[..2], output.Slice(y * pitch, 2));
        }
    }

    /// <summary>One sample: the mean.</summary>
    public static byte Eighth(ReadOnlySpan<short> block, ReadOnlySpan<int> multipliers) => Limit(Descale(block[0] * multipliers[0], 3));

    private static byte Limit(int value) => (byte)System.Math.Clamp(value + 128, 0, 255);

    private static int Descale(int value, int bits) => (value + (1 << (bits - 1))) >> bits;

    private static void Store(ReadOnlySpan<int> row, Span<byte> line)
    {
        for (int x = 0; x < row.Length; x++)
        {
            line[x] = Limit(row[x]);
        }
    }

    /// <summary>value · constant / 256 in 16 bits, which overflow from 8192 on: only blocks of broken files reach that, and show it.</summary>
    private static short Times(int value, int constant) => unchecked((short)(((short)(value << 2) * constant) >> 10));

    private static void FastPass(Span<short> v, int step)
    {
        const int F1082 = 277;
        const int F1414 = 362;
        const int F1847 = 473;
        const int F1613 = 413;
        unchecked
        {
            short even0 = (short)(v[0] + v[4 * step]);
            short even1 = (short)(v[0] - v[4 * step]);
            short even3 = (short)(v[2 * step] + v[6 * step]);
            short even2 = (short)(Times(v[2 * step] - v[6 * step], F1414) - even3);
            short t0 = (short)(even0 + even3);
            short t3 = (short)(even0 - even3);
            short t1 = (short)(even1 + even2);
            short t2 = (short)(even1 - even2);

            short z13 = (short)(v[5 * step] + v[3 * step]);
            short z10 = (short)(v[5 * step] - v[3 * step]);
            short z11 = (short)(v[step] + v[7 * step]);
            short z12 = (short)(v[step] - v[7 * step]);
            short t7 = (short)(z11 + z13);
            short odd1 = Times(z11 - z13, F1414);
            short z5 = Times(z10 + z12, F1847);
            short odd0 = (short)(Times(z12, F1082) - z5);
            short odd2 = (short)(Times(z10, -F1613) - z10 + z5);
            short t6 = (short)(odd2 - t7);
            short t5 = (short)(odd1 - t6);
            short t4 = (short)(odd0 + t5);

            v[0] = (short)(t0 + t7);
            v[7 * step] = (short)(t0 - t7);
            v[step] = (short)(t1 + t6);
            v[6 * step] = (short)(t1 - t6);
            v[2 * step] = (short)(t2 + t5);
            v[5 * step] = (short)(t2 - t5);
            v[4 * step] = (short)(t3 + t4);
            v[3 * step] = (short)(t3 - t4);
        }
    }

    private static void AccuratePass(Span<int> v, int step, int shift)
    {
        int z1 = (v[2 * step] + v[6 * step]) * 4433;
        int t2 = z1 - (v[6 * step] * 15137);
        int t3 = z1 + (v[2 * step] * 6270);
        int t0 = (v[0] + v[4 * step]) << ConstBits;
        int t1 = (v[0] - v[4 * step]) << ConstBits;
        int even0 = t0 + t3;
        int even3 = t0 - t3;
        int even1 = t1 + t2;
        int even2 = t1 - t2;

        t0 = v[7 * step];
        t1 = v[5 * step];
        t2 = v[3 * step];
        t3 = v[step];
        z1 = t0 + t3;
        int z2 = t1 + t2;
        int z3 = t0 + t2;
        int z4 = t1 + t3;
        int z5 = (z3 + z4) * 9633;
        t0 *= 2446;
        t1 *= 16819;
        t2 *= 25172;
        t3 *= 12299;
        z1 *= -7373;
        z2 *= -20995;
        z3 = (z3 * -16069) + z5;
        z4 = (z4 * -3196) + z5;
        t0 += z1 + z3;
        t1 += z2 + z4;
        t2 += z2 + z3;
        t3 += z1 + z4;

        v[0] = Descale(even0 + t3, shift);
        v[7 * step] = Descale(even0 - t3, shift);
        v[step] = Descale(even1 + t2, shift);
        v[6 * step] = Descale(even1 - t2, shift);
        v[2 * step] = Descale(even2 + t1, shift);
        v[5 * step] = Descale(even2 - t1, shift);
        v[3 * step] = Descale(even3 + t0, shift);
        v[4 * step] = Descale(even3 - t0, shift);
    }

    private static void HalfPass(Span<int> v, int step, int shift)
    {
        int t0 = v[0] << (ConstBits + 1);
        int t2 = (v[2 * step] * 15137) - (v[6 * step] * 6270);
        int even0 = t0 + t2;
        int even2 = t0 - t2;
        int z1 = v[7 * step];
        int z2 = v[5 * step];
        int z3 = v[3 * step];
        int z4 = v[step];
        t0 = (z1 * -1730) + (z2 * 11893) - (z3 * 17799) + (z4 * 8697);
        t2 = (z1 * -4176) - (z2 * 4926) + (z3 * 7373) + (z4 * 20995);
        v[0] = Descale(even0 + t2, shift);
        v[3 * step] = Descale(even0 - t2, shift);
        v[step] = Descale(even2 + t0, shift);
        v[2 * step] = Descale(even2 - t0, shift);
    }

    private static void QuarterPass(Span<int> v, int step, int shift)
    {
        int even = v[0] << (ConstBits + 2);
        int odd = (v[7 * step] * -5906) + (v[5 * step] * 6967) - (v[3 * step] * 10426) + (v[step] * 29692);
        v[0] = Descale(even + odd, shift);
        v[step] = Descale(even - odd, shift);
    }
}
