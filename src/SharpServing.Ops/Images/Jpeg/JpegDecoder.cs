using System.Buffers.Binary;

namespace SharpServing.Ops.Images.Jpeg;

/// <summary>
/// Decodes baseline, extended and progressive Huffman JPEG files of 8 bits with 1, 3 or 4 components, sample for sample as libjpeg-turbo.
/// Usage: <see cref="ReadHeader"/>, <see cref="Prepare"/>, then <see cref="Decode"/> into memory of the size it found.
/// </summary>
internal ref struct JpegDecoder
{
    /// <summary>Largest picture, in bytes of the answer, that the original takes.</summary>
    private const long MaxBytes = 1L << 29;

    /// <summary>libjpeg's limit on width and height.</summary>
    private const int MaxSide = 65500;

    private readonly JpegOptions _options;
    private readonly ushort[]?[] _quantization = new ushort[4][];
    private readonly HuffmanTable?[] _dc = new HuffmanTable?[4];
    private readonly HuffmanTable?[] _ac = new HuffmanTable?[4];
    private JpegSource _source;
    private JpegComponent[]? _components;
    private bool _progressive;
    private bool _sawJfif;
    private bool _sawAdobe;
    private int _adobeTransform;
    private int _imageWidth;
    private int _imageHeight;
    private int _maxH = 1;
    private int _maxV = 1;
    private int _minBlock;
    private int _restartInterval;
    private JpegComponent[] _scan = [];
    private (int First, int Last, int High, int Low) _progression;

    public JpegDecoder(ReadOnlySpan<byte> file, JpegOptions options)
    {
        _options = options;
        _source = new JpegSource(file, options.RecoverTruncated);
        for (int i = 0; i < 2; i++)
        {
            _dc[i] = StandardTables.Dc(i);
            _ac[i] = StandardTables.Ac(i);
        }
    }

    /// <summary>Index in natural order (row by row) of each coefficient in zigzag order.</summary>
    public static ReadOnlySpan<byte> NaturalOrder =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
        12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
        58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <summary>Size of the answer, after scaling.</summary>
    public int Width { get; private set; }

    public int Height { get; private set; }

    public int Channels { get; private set; }

    /// <summary>Size and components as the file says.</summary>
    public readonly (int Height, int Width, int Components) FileShape => (_imageHeight, _imageWidth, _components!.Length);

    /// <summary>Reads up to the first scan.</summary>
    /// <exception cref="ImageDataException">Not a JPEG file, or one of a kind that is refused.</exception>
    public void ReadHeader()
    {
        try
        {
            if (_source.ReadByte() != 0xFF || _source.ReadByte() != 0xD8)
            {
                throw new ImageDataException("no SOI");
            }

            if (!FindScan())
            {
                throw new ImageDataException("no scan");
            }
        }
        catch (JpegEndException)
        {
            throw new ImageDataException("header ends early");
        }

    }

    /// <summary>Checks that the picture can be decoded and finds the size of the answer.</summary>
    /// <exception cref="ImageDataException">It is of a kind that is refused.</exception>
    public void Prepare()
    {
        if (_components!.Length == 2)
        {
            throw new ImageDataException("two components");
        }

        Layout();
    }

    /// <summary>Decodes all lines; after an accepted early end the missing ones are black.</summary>
    /// <param name="output">[Height, Width, Channels].</param>
    /// <exception cref="ImageDataException">Broken, or more lines are missing than accepted.</exception>
    public void Decode(Span<byte> output)
    {
        bool several = _progressive || _scan.Length < _components!.Length;
        int lines = Height;
        foreach (JpegComponent component in _components!)
        {
            if (_progressive)
            {
                component.Coefficients = new short[checked(component.PaddedAcross * component.PaddedDown * 64)];
            }

            // What no scan reaches is the middle gray.
            component.Samples = new byte[checked(component.Pitch * component.PaddedDown * component.BlockSize)];
            component.Samples.AsSpan().Fill(128);
        }

        int mcuRows = 0;
        try
        {
            do
            {
                DecodeScan(out mcuRows);
            }
            while (several && FindScan());
        }
        catch (JpegEndException)
        {
            bool needsContext = new Upsampler(_components!, _maxH, _maxV, _minBlock, _options.FancyUpsampling).NeedsContext;
            lines = several ? 0 : System.Math.Clamp((mcuRows * _minBlock * _maxV) - (needsContext ? _maxV : 0), 0, Height);
            if (lines < Height && (several || lines / (float)Height < _options.AcceptableFraction))
            {
                throw new ImageDataException("file ends early");
            }
        }

        if (_progressive)
        {
            foreach (JpegComponent component in _components!)
            {
                TransformAll(component);
            }
        }

        WriteLines(output, lines);
    }

    private static int DivideUp(long value, long by) => (int)((value + by - 1) / by);

    /// <summary>Takes markers up to a scan; false at the end of the image.</summary>
    private bool FindScan()
    {
        while (true)
        {
            if (_source.Marker == 0)
            {
                _source.FindMarker();
            }

            byte marker = _source.Marker;
            _source.Marker = 0;
            switch (marker)
            {
                case 0xC0 or 0xC1 or 0xC2:
                    ReadFrame(marker == 0xC2);
                    break;
                case 0xC4:
                    ReadHuffmanTables();
                    break;
                case 0xDA:
                    ReadScanHeader();
                    return true;
                case JpegSource.EndOfImage:
                    return false;
                case 0xDB:
                    ReadQuantization();
                    break;
                case 0xDD:
                    if (_source.ReadUInt16() != 4)
                    {
                        throw new ImageDataException("DRI length");
                    }

                    _restartInterval = _source.ReadUInt16();
                    break;
                case 0xE0:
                    ReadApplication(isAdobe: false);
                    break;
                case 0xEE:
                    ReadApplication(isAdobe: true);
                    break;
                case (>= 0xE1 and <= 0xEF) or 0xFE or 0xCC or 0xDC:
                    _source.SkipSegment();
                    break;
                case 0x01 or (>= 0xD0 and <= 0xD7):
                    break;
                default:
                    throw new ImageDataException("unsupported marker");
            }
        }
    }

    private ReadOnlySpan<byte> ReadSegment()
    {
        int length = _source.ReadUInt16() - 2;
        return length < 0 ? throw new ImageDataException("segment length") : _source.ReadBytes(length);
    }

    private void ReadApplication(bool isAdobe)
    {
        ReadOnlySpan<byte> segment = ReadSegment();
        if (isAdobe && segment.Length >= 12 && segment.StartsWith("Adobe"u8))
        {
            _sawAdobe = true;
            _adobeTransform = segment[11];
        }
        else if (!isAdobe && segment.Length >= 14 && segment.StartsWith("JFIF\0"u8))
        {
            _sawJfif = true;
        }
    }

    private readonly void StoreQuantization(int index, ReadOnlySpan<byte> values, bool wide)
    {
        var table = new ushort[64];
        for (int i = 0; i < 64; i++)
        {
            table[i] = wide ? BinaryPrimitives.ReadUInt16BigEndian(values[(i * 2)..]) : values[i];
        }

        _quantization[index] = table;
    }

    private void ReadQuantization()
    {
        ReadOnlySpan<byte> segment = ReadSegment();
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

    private void ReadHuffmanTables()
    {
        ReadOnlySpan<byte> segment = ReadSegment();
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

    private void ReadFrame(bool progressive)
    {
        ReadOnlySpan<byte> segment = ReadSegment();
        if (_components is not null || segment.Length < 6 || segment[0] != 8 || segment.Length != 6 + (segment[5] * 3))
        {
            throw new ImageDataException("SOF");
        }

        _progressive = progressive;
        _imageHeight = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]);
        _imageWidth = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        var components = new JpegComponent[segment[5]];
        if (_imageHeight is 0 or > MaxSide || _imageWidth is 0 or > MaxSide || components.Length is 0 or > 4)
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

            _maxH = System.Math.Max(_maxH, components[i].HorizontalFactor);
            _maxV = System.Math.Max(_maxV, components[i].VerticalFactor);
        }

        _components = components;
    }

    private void ReadScanHeader()
    {
        ReadOnlySpan<byte> segment = ReadSegment();
        if (_components is null || segment.IsEmpty || segment[0] is 0 or > 4 || segment.Length != 4 + (segment[0] * 2))
        {
            throw new ImageDataException("SOS");
        }

        var scan = new JpegComponent[segment[0]];
        int blocks = 0;
        for (int i = 0; i < scan.Length; i++)
        {
            byte id = segment[1 + (i * 2)];
            byte tables = segment[2 + (i * 2)];
            JpegComponent component = System.Array.Find(_components, c => c.Id == id && !scan.Contains(c)) ?? throw new ImageDataException("SOS component");
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
        _progression = (end[0], end[1], end[2] >> 4, end[2] & 15);
        _scan = scan;
        CheckScan();
    }

    private readonly void CheckScan()
    {
        (int first, int last, int high, int low) = _progression;
        if (_progressive)
        {
            bool bad = first == 0 ? last != 0 : last < first || last > 63 || _scan.Length != 1;
            bad |= high != 0 && low != high - 1;
            if (bad || low > 13)
            {
                throw new ImageDataException("progression");
            }
        }

        bool needsDc = !_progressive || (first == 0 && high == 0);
        bool needsAc = !_progressive || first > 0;
        foreach (JpegComponent component in _scan)
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

    /// <summary>Sizes of everything, once the frame is known.</summary>
    private void Layout()
    {
        _minBlock = 8 / _options.Ratio;
        Width = DivideUp((long)_imageWidth * _minBlock, 8);
        Height = DivideUp((long)_imageHeight * _minBlock, 8);
        bool isCmyk = _components!.Length == 4;
        if (isCmyk && _options.Channels == 1)
        {
            throw new ImageDataException("CMYK as gray");
        }

        Channels = _options.Channels != 0 ? _options.Channels : System.Math.Min(_components.Length, 3);
        if ((long)Width * Height * System.Math.Max(Channels, _components.Length) >= MaxBytes)
        {
            throw new ImageDataException("too large");
        }

        foreach (JpegComponent component in _components)
        {
            int size = _minBlock;
            while (size < 8 && _maxH * _minBlock % (component.HorizontalFactor * size * 2) == 0
                && _maxV * _minBlock % (component.VerticalFactor * size * 2) == 0)
            {
                size *= 2;
            }

            component.BlockSize = size;
            component.BlocksAcross = DivideUp((long)_imageWidth * component.HorizontalFactor, _maxH * 8L);
            component.BlocksDown = DivideUp((long)_imageHeight * component.VerticalFactor, _maxV * 8L);
            component.PaddedAcross = DivideUp(_imageWidth, _maxH * 8L) * component.HorizontalFactor;
            component.PaddedDown = DivideUp(_imageHeight, _maxV * 8L) * component.VerticalFactor;
            component.Width = DivideUp((long)_imageWidth * component.HorizontalFactor * size, _maxH * 8L);
            component.Height = DivideUp((long)_imageHeight * component.VerticalFactor * size, _maxV * 8L);
        }

        _ = new Upsampler(_components, _maxH, _maxV, _minBlock, _options.FancyUpsampling);
    }

    private void DecodeScan(out int rows)
    {
        bool single = _scan.Length == 1;
        int across = single ? _scan[0].BlocksAcross : DivideUp(_imageWidth, _maxH * 8L);
        int down = single ? _scan[0].BlocksDown : DivideUp(_imageHeight, _maxV * 8L);
        int mcuRowHeight = single ? _scan[0].VerticalFactor : 1;
        var decoder = new ScanDecoder(_progression.First, _progression.Last, _progression.High, _progression.Low);
        var multipliers = new int[_scan.Length][];
        for (int c = 0; c < multipliers.Length; c++)
        {
            multipliers[c] = Multipliers(_scan[c]);
        }

        short[] block = new short[64];
        _source.DropBits();
        _source.IsExhausted = false;
        int untilRestart = _restartInterval;
        int nextRestart = 0;
        foreach (JpegComponent component in _scan)
        {
            component.LastDc = 0;
        }

        rows = 0;
        for (int y = 0; y < down; y++)
        {
            for (int x = 0; x < across; x++)
            {
                if (_restartInterval > 0 && untilRestart == 0)
                {
                    TakeRestart(nextRestart);
                    nextRestart = (nextRestart + 1) & 7;
                    untilRestart = _restartInterval;
                    decoder.Restart();
                    foreach (JpegComponent component in _scan)
                    {
                        component.LastDc = 0;
                    }
                }

                if (!_source.IsExhausted)
                {
                    for (int c = 0; c < _scan.Length; c++)
                    {
                        DecodeMcu(decoder, _scan[c], multipliers[c], x, y, single, block);
                    }
                }

                untilRestart--;
            }

            rows = (y + 1) / mcuRowHeight;
        }
    }

    private void DecodeMcu(ScanDecoder decoder, JpegComponent component, int[] multipliers, int x, int y, bool single, short[] block)
    {
        int across = single ? 1 : component.HorizontalFactor;
        int down = single ? 1 : component.VerticalFactor;
        for (int v = 0; v < down; v++)
        {
            for (int h = 0; h < across; h++)
            {
                int column = (x * across) + h;
                int row = (y * down) + v;
                if (component.Coefficients is { } coefficients)
                {
                    int at = ((row * component.PaddedAcross) + column) * 64;
                    decoder.DecodeProgressive(ref _source, component, coefficients.AsSpan(at, 64));
                }
                else
                {
                    System.Array.Clear(block);
                    ScanDecoder.DecodeSequential(ref _source, component, block);
                    Transform(component, multipliers, column, row, block);
                }
            }
        }
    }

    private readonly int[] Multipliers(JpegComponent component) =>
        InverseDct.Multipliers(component.Quantization, component.BlockSize == 8 && !_options.AccurateDct);

    private readonly void Transform(JpegComponent component, int[] multipliers, int column, int row, ReadOnlySpan<short> block)
    {
        int pitch = component.Pitch;
        Span<byte> output = component.Samples.AsSpan((row * component.BlockSize * pitch) + (column * component.BlockSize));
        switch (component.BlockSize)
        {
            case 8 when _options.AccurateDct:
                InverseDct.Accurate(block, multipliers, output, pitch);
                break;
            case 8:
                InverseDct.Fast(block, multipliers, output, pitch);
                break;
            case 4:
                InverseDct.Half(block, multipliers, output, pitch);
                break;
            case 2:
                InverseDct.Quarter(block, multipliers, output, pitch);
                break;
            default:
                output[0] = InverseDct.Eighth(block, multipliers);
                break;
        }
    }

    private readonly void TransformAll(JpegComponent component)
    {
        if (component.Quantization is null)
        {
            return;
        }

        int[] multipliers = Multipliers(component);
        for (int row = 0; row < component.BlocksDown; row++)
        {
            for (int column = 0; column < component.BlocksAcross; column++)
            {
                int at = ((row * component.PaddedAcross) + column) * 64;
                Transform(component, multipliers, column, row, component.Coefficients.AsSpan(at, 64));
            }
        }

        component.Coefficients = null;
    }

    /// <summary>Takes the expected restart marker, or finds out what a wrong one means (libjpeg's <c>jpeg_resync_to_restart</c>).</summary>
    private void TakeRestart(int expected)
    {
        _source.DropBits();
        if (_source.Marker == 0)
        {
            _source.FindMarker();
        }

        while (true)
        {
            byte marker = _source.Marker;
            int ahead = (marker - 0xD0 - expected) & 7;
            bool isRestart = marker is >= 0xD0 and <= 0xD7;
            if (marker >= 0xC0 && (!isRestart || ahead is 1 or 2))
            {
                // Another marker, or one of the next two: it stays, the blocks up to there are missing.
                return;
            }

            if (isRestart && ahead is not (6 or 7))
            {
                _source.Marker = 0;
                _source.IsExhausted = false;
                return;
            }

            _source.Marker = 0;
            _source.FindMarker();
        }
    }

    private readonly void WriteLines(Span<byte> output, int lines)
    {
        var upsampler = new Upsampler(_components!, _maxH, _maxV, _minBlock, _options.FancyUpsampling);
        var colors = new ColorConverter(ColorModel(), Channels, _sawAdobe);
        var rows = new byte[_components!.Length][];
        for (int c = 0; c < rows.Length; c++)
        {
            rows[c] = new byte[Width + (2 * _maxH * 8)];
        }

        int stride = Width * Channels;
        for (int y = 0; y < lines; y++)
        {
            for (int c = 0; c < rows.Length; c++)
            {
                upsampler.Fill(c, y, rows[c]);
            }

            colors.Convert(rows, output.Slice(y * stride, stride), Width);
        }

        output[(lines * stride)..(Height * stride)].Clear();
    }

    private readonly JpegColors ColorModel()
    {
        JpegComponent[] c = _components!;
        return c.Length switch
        {
            1 => JpegColors.Gray,
            4 => _sawAdobe && _adobeTransform != 0 ? JpegColors.Ycck : JpegColors.Cmyk,
            _ when _sawJfif => JpegColors.Ycc,
            _ when _sawAdobe => _adobeTransform == 0 ? JpegColors.Rgb : JpegColors.Ycc,
            _ => c[0].Id == 'R' && c[1].Id == 'G' && c[2].Id == 'B' ? JpegColors.Rgb : JpegColors.Ycc,
        };
    }
}
