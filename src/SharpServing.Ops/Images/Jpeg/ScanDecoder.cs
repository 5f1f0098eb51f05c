namespace SharpServing.Ops.Images.Jpeg;

/// <summary>Entropy decoding of blocks: Huffman, sequential and progressive (T.81, annexes F and G).</summary>
internal sealed class ScanDecoder
{
    private readonly int _first;
    private readonly int _last;
    private readonly int _high;
    private readonly int _low;
    private int _endOfBandRun;

    /// <param name="first">Spectral selection, first coefficient in zigzag order.</param>
    /// <param name="last">Spectral selection, last coefficient.</param>
    /// <param name="high">Successive approximation: bits known before.</param>
    /// <param name="low">Successive approximation: bit of this scan.</param>
    public ScanDecoder(int first, int last, int high, int low)
    {
        _first = first;
        _last = last;
        _high = high;
        _low = low;
    }

    public void Restart() => _endOfBandRun = 0;

    /// <param name="block">64 zeros.</param>
    public static void DecodeSequential(ref JpegSource source, JpegComponent component, Span<short> block)
    {
        component.LastDc += source.ReadSigned(source.ReadSymbol(component.DcTable!) & 15);
        block[0] = unchecked((short)component.LastDc);
        for (int k = 1; k < 64; k++)
        {
            int symbol = source.ReadSymbol(component.AcTable!);
            int size = symbol & 15;
            int run = symbol >> 4;
            if (size == 0)
            {
                if (run != 15)
                {
                    return;
                }

                k += 15;
                continue;
            }

            k += run;
            block[JpegDecoder.NaturalOrder[System.Math.Min(k, 63)]] = unchecked((short)source.ReadSigned(size));
        }
    }

    /// <summary>One block of a progressive scan, added to what earlier scans gave.</summary>
    public void DecodeProgressive(ref JpegSource source, JpegComponent component, Span<short> block)
    {
        if (_first == 0)
        {
            if (_high == 0)
            {
                component.LastDc += source.ReadSigned(source.ReadSymbol(component.DcTable!) & 15);
                block[0] = unchecked((short)(component.LastDc << _low));
            }
            else if (source.ReadBit() != 0)
            {
                block[0] |= (short)(1 << _low);
            }
        }
        else if (_high == 0)
        {
            DecodeAcFirst(ref source, component.AcTable!, block);
        }
        else
        {
            DecodeAcRefine(ref source, component.AcTable!, block);
        }
    }

    private void DecodeAcFirst(ref JpegSource source, HuffmanTable table, Span<short> block)
    {
        if (_endOfBandRun > 0)
        {
            _endOfBandRun--;
            return;
        }

        for (int k = _first; k <= _last; k++)
        {
            int symbol = source.ReadSymbol(table);
            int run = symbol >> 4;
            int size = symbol & 15;
            if (size != 0)
            {
                k += run;
                block[JpegDecoder.NaturalOrder[System.Math.Min(k, 63)]] = unchecked((short)(source.ReadSigned(size) << _low));
            }
            else if (run == 15)
            {
                k += 15;
            }
            else
            {
                _endOfBandRun = (1 << run) + source.ReadBits(run) - 1;
                return;
            }
        }
    }

    private void DecodeAcRefine(ref JpegSource source, HuffmanTable table, Span<short> block)
    {
        short plus = (short)(1 << _low);
        short minus = (short)-plus;
        int k = _first;
        if (_endOfBandRun == 0)
        {
            for (; k <= _last; k++)
            {
                int symbol = source.ReadSymbol(table);
                int run = symbol >> 4;
                short value = 0;
                if ((symbol & 15) != 0)
                {
                    value = source.ReadBit() != 0 ? plus : minus;
                }
                else if (run != 15)
                {
                    _endOfBandRun = (1 << run) + source.ReadBits(run);
                    break;
                }

                // Passes over coefficients that are known (each may gain a bit) and as many zeros as the run says.
                for (; k <= _last; k++)
                {
                    ref short known = ref block[JpegDecoder.NaturalOrder[k]];
                    if (known != 0)
                    {
                        Refine(ref source, ref known, plus, minus);
                    }
                    else if (--run < 0)
                    {
                        break;
                    }
                }

                if (value != 0)
                {
                    block[JpegDecoder.NaturalOrder[System.Math.Min(k, 63)]] = value;
                }
            }
        }

        if (_endOfBandRun > 0)
        {
            for (; k <= _last; k++)
            {
                ref short known = ref block[JpegDecoder.NaturalOrder[k]];
                if (known != 0)
                {
                    Refine(ref source, ref known, plus, minus);
                }
            }

            _endOfBandRun--;
        }
    }

    private static void Refine(ref JpegSource source, ref short known, short plus, short minus)
    {
        if (source.ReadBit() != 0 && (known & plus) == 0)
        {
            known += known >= 0 ? plus : minus;
        }
    }
}
