using System.Buffers.Binary;

namespace SharpServing.Ops.Images.Jpeg;

/// <summary>What a file's markers say: tables, frame, and the scan that comes next (T.81, annex B).</summary>
internal sealed class JpegMarkers
{
    /// <summary>libjpeg's limit on width and height.</summary>
    private const int MaxSide = 65500;

    private readonly ushort[]?[] _quantization = new ushort[4][];
    private readonly HuffmanTable?[] _dc = [StandardTables.Dc(0), StandardTables.Dc(1), null, null];
    private readonly HuffmanTable?[] _ac = [StandardTables.Ac(0), StandardTables.Ac(1), null, null];

    /// <summary>Null before the frame header.</summary>
    public JpegComponent[]? Components { get; private set; }

    public bool IsProgressive { get; private set; }

    public bool SawJfif { get; private set; }

    public bool SawAdobe { get; private set; }

    public int AdobeTransform { get; private set; }

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Largest sampling factors.</summary>
    public int MaxHorizontal { get; private set; } = 1;

    public int MaxVertical { get; private set; } = 1;

    /// <summary>Steps of a scan from one restart marker to the next; 0: none.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>Components of the scan.</summary>
    public JpegComponent[] Scan { get; private set; } = [];

    /// <summary>Spectral selection and successive approximation of the scan.</summary>
    public (int First, int Last, int High, int Low) Progression { get; private set; }

    /// <summary>Takes markers up to a scan; false at the end of the image.</summary>
    public bool FindScan(ref JpegSource source)
    {
        while (true)
        {
            if (source.Marker == 0)
            {
                source.FindMarker();
            }

            byte marker = source.Marker;
            source.Marker = 0;
            switch (marker)
            {
                case 0xC0 or 0xC1 or 0xC2:
                    ReadFrame(ref source, marker == 0xC2);
                    break;
                case 0xC4:
                    ReadHuffmanTables(ref source);
                    break;
                case 0xDA:
                    ReadScanHeader(ref source);
                    return true;
                case JpegSource.EndOfImage:
                    return false;
                case 0xDB:
                    ReadQuantization(ref source);
                    break;
                case 0xDD:
                    if (source.ReadUInt16() != 4)
                    {
                        throw new ImageDataException("DRI length");
                    }

                    RestartInterval = source.ReadUInt16();
                    break;
                case 0xE0:
                    ReadApplication(ref source, isAdobe: false);
                    break;
                case 0xEE:
                    ReadApplication(ref source, isAdobe: true);
                    break;
                case (>= 0xE1 and <= 0xEF) or 0xFE or 0xCC or 0xDC:
                    source.SkipSegment();
                    break;
                case 0x01 or (>= 0xD0 and <= 0xD7):
                    break;
                default:
                    throw new ImageDataException("unsupported marker");
            }
        }
    }

    private static ReadOnlySpan<byte> ReadSegment(ref JpegSource source)
    {
        source.BeginUnit();
        int length = source.ReadUInt16() - 2;
        ReadOnlySpan<byte> segment = length < 0 ? throw new ImageDataException("segment length") : source.ReadBytes(length);
        source.EndUnit();
        return segment;
    }

    private void ReadApplication(ref JpegSource source, bool isAdobe)
    {
        ReadOnlySpan<byte> segment = ReadSegment(ref source);
        if (isAdobe && segment.Length >= 12 && segment.StartsWith("Adobe"u8))
        {
            SawAdobe = true;
            AdobeTransform = segment[11];
        }
        else if (!isAdobe && segment.Length >= 14 && segment.StartsWith("JFIF\0"u8))
        {
            SawJfif = true;
        }
    }

    private void StoreQuantization(int index, ReadOnlySpan<byte> values, bool wide)
    {
        var table = new ushort[64];
        for (int i = 0; i < 64; i++)
        {
            table[i] = wide ? BinaryPrimitives.ReadUInt16BigEndian(values[(i * 2)..]) : values[i];
        }

        _quantization[index] = table;
    }

    private void ReadQuantization(ref JpegSource source)
    {
        ReadOnlySpan<byte> segment = ReadSegment(ref source);
        while (!segment.IsEmpty)
        {
            bool wide = segment[0] >> 4 != 0;
            int index = segment[0] & 15;
            int size = wide ? 128 : 64;
            if (index > 3 || segment.Length < size + 1)
            {
                throw new ImageDataException("DQT");
            }

            StoreQuantization(index, segment[1..], wide);
            segment = segment[(size + 1)..];
        }
    }

    private void ReadHuffmanTables(ref JpegSource source)
    {
        ReadOnlySpan<byte> segment = ReadSegment(ref source);
        while (segment.Length > 16)
        {
            int kind = segment[0];
            ReadOnlySpan<byte> counts = segment.Slice(1, 16);
            int count = 0;
            foreach (byte n in counts)
            {
                count += n;
            }

            if (count > 256 || segment.Length < 17 + count || (kind & 15) > 3 || kind >> 4 > 1)
            {
                throw new ImageDataException("DHT");
            }

            (kind >> 4 == 0 ? _dc : _ac)[kind & 15] = new HuffmanTable(counts, segment.Slice(17, count));
            segment = segment[(17 + count)..];
        }

        if (!segment.IsEmpty)
        {
            throw new ImageDataException("DHT length");
        }
    }

    private void ReadFrame(ref JpegSource source, bool progressive)
    {
        ReadOnlySpan<byte> segment = ReadSegment(ref source);
        if (Components is not null || segment.Length < 6 || segment[0] != 8 || segment.Length != 6 + (segment[5] * 3))
        {
            throw new ImageDataException("SOF");
        }

        IsProgressive = progressive;
        Height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]);
        Width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        var components = new JpegComponent[segment[5]];
        if (Height is 0 or > MaxSide || Width is 0 or > MaxSide || components.Length is 0 or > 4)
        {
            throw new ImageDataException("SOF size or components");
        }

        for (int i = 0; i < components.Length; i++)
        {
            ReadOnlySpan<byte> row = segment.Slice(6 + (i * 3), 3);
            components[i] = new JpegComponent { Id = row[0], HorizontalFactor = row[1] >> 4, VerticalFactor = row[1] & 15, QuantizationIndex = row[2] };
            if (components[i].HorizontalFactor is 0 or > 4 || components[i].VerticalFactor is 0 or > 4)
            {
                throw new ImageDataException("sampling factors");
            }

            MaxHorizontal = System.Math.Max(MaxHorizontal, components[i].HorizontalFactor);
            MaxVertical = System.Math.Max(MaxVertical, components[i].VerticalFactor);
        }

        Components = components;
    }

    private void ReadScanHeader(ref JpegSource source)
    {
        ReadOnlySpan<byte> segment = ReadSegment(ref source);
        if (Components is null || segment.IsEmpty || segment[0] is 0 or > 4 || segment.Length != 4 + (segment[0] * 2))
        {
            throw new ImageDataException("SOS");
        }

        var scan = new JpegComponent[segment[0]];
        int blocks = 0;
        for (int i = 0; i < scan.Length; i++)
        {
            byte id = segment[1 + (i * 2)];
            byte tables = segment[2 + (i * 2)];
            JpegComponent component = System.Array.Find(Components, c => c.Id == id && !scan.Contains(c)) ?? throw new ImageDataException("SOS component");
            if (tables >> 4 > 3 || (tables & 15) > 3)
            {
                throw new ImageDataException("SOS tables");
            }

            component.DcTable = _dc[tables >> 4];
            component.AcTable = _ac[tables & 15];
            component.Quantization ??= component.QuantizationIndex < 4 ? _quantization[component.QuantizationIndex] : null;
            if (component.Quantization is null)
            {
                throw new ImageDataException("no quantization table");
            }

            blocks += component.HorizontalFactor * component.VerticalFactor;
            scan[i] = component;
        }

        if (scan.Length > 1 && blocks > 10)
        {
            throw new ImageDataException("MCU size");
        }

        ReadOnlySpan<byte> end = segment[^3..];
        Progression = (end[0], end[1], end[2] >> 4, end[2] & 15);
        Scan = scan;
        CheckScan();
    }

    private void CheckScan()
    {
        (int first, int last, int high, int low) = Progression;
        if (IsProgressive)
        {
            bool bad = first == 0 ? last != 0 : last < first || last > 63 || Scan.Length != 1;
            bad |= high != 0 && low != high - 1;
            if (bad || low > 13)
            {
                throw new ImageDataException("progression");
            }
        }

        bool needsDc = !IsProgressive || (first == 0 && high == 0);
        bool needsAc = !IsProgressive || first > 0;
        foreach (JpegComponent component in Scan)
        {
            if ((needsDc && component.DcTable is not { } dc) || (needsAc && component.AcTable is null))
            {
                throw new ImageDataException("no Huffman table");
            }

            if (needsDc && component.DcTable!.HasSymbolAbove(15))
            {
                throw new ImageDataException("DC symbols");
            }
        }
    }
}
