namespace SharpServing.Ops.Images.Jpeg;

/// <summary>
/// Decodes baseline, extended and progressive Huffman JPEG files of 8 bits with 1, 3 or 4 components, sample for sample as libjpeg-turbo.
/// Usage: <see cref="ReadHeader"/>, <see cref="Prepare"/>, then <see cref="Decode"/> into memory of the size it found.
/// </summary>
internal ref struct JpegDecoder
{
    /// <summary>Largest picture, in bytes of the answer, that the original takes.</summary>
    private const long MaxBytes = 1L << 29;

    private readonly JpegOptions _options;
    private readonly JpegMarkers _file = new();
    private readonly ScanRunner _scans;
    private JpegSource _source;
    private int _minBlock;

    public JpegDecoder(ReadOnlySpan<byte> file, JpegOptions options)
    {
        _options = options;
        _source = new JpegSource(file, options.RecoverTruncated);
        _scans = new ScanRunner(_file, options);
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
    public readonly (int Height, int Width, int Components) FileShape => (_file.Height, _file.Width, _file.Components!.Length);

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

            if (!_file.FindScan(ref _source))
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
        if (_file.Components!.Length == 2)
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
        bool several = _file.IsProgressive || _file.Scan.Length < _file.Components!.Length;
        int lines = Height;
        foreach (JpegComponent component in _file.Components!)
        {
            if (_file.IsProgressive)
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
                _scans.Decode(ref _source, out mcuRows);
            }
            while (several && _file.FindScan(ref _source));
        }
        catch (JpegEndException)
        {
            bool needsContext = new Upsampler(_file.Components!, _file.MaxHorizontal, _file.MaxVertical, _minBlock, _options.FancyUpsampling).NeedsContext;
            lines = several ? 0 : System.Math.Clamp((mcuRows * _minBlock * _file.MaxVertical) - (needsContext ? _file.MaxVertical : 0), 0, Height);
            if (lines < Height && (several || lines / (float)Height < _options.AcceptableFraction))
            {
                throw new ImageDataException("file ends early");
            }
        }

        if (_file.IsProgressive)
        {
            foreach (JpegComponent component in _file.Components!)
            {
                _scans.TransformAll(component);
            }
        }

        WriteLines(output, lines);
    }

    internal static int DivideUp(long value, long by) => (int)((value + by - 1) / by);

    /// <summary>Sizes of everything, once the frame is known.</summary>
    private void Layout()
    {
        _minBlock = 8 / _options.Ratio;
        Width = DivideUp((long)_file.Width * _minBlock, 8);
        Height = DivideUp((long)_file.Height * _minBlock, 8);
        bool isCmyk = _file.Components!.Length == 4;
        if (isCmyk && _options.Channels == 1)
        {
            throw new ImageDataException("CMYK as gray");
        }

        Channels = _options.Channels != 0 ? _options.Channels : System.Math.Min(_file.Components.Length, 3);
        if ((long)Width * Height * System.Math.Max(Channels, _file.Components.Length) >= MaxBytes)
        {
            throw new ImageDataException("too large");
        }

        foreach (JpegComponent component in _file.Components)
        {
            int size = _minBlock;
            while (size < 8 && _file.MaxHorizontal * _minBlock % (component.HorizontalFactor * size * 2) == 0
                && _file.MaxVertical * _minBlock % (component.VerticalFactor * size * 2) == 0)
            {
                size *= 2;
            }

            component.BlockSize = size;
            component.BlocksAcross = DivideUp((long)_file.Width * component.HorizontalFactor, _file.MaxHorizontal * 8L);
            component.BlocksDown = DivideUp((long)_file.Height * component.VerticalFactor, _file.MaxVertical * 8L);
            component.PaddedAcross = DivideUp(_file.Width, _file.MaxHorizontal * 8L) * component.HorizontalFactor;
            component.PaddedDown = DivideUp(_file.Height, _file.MaxVertical * 8L) * component.VerticalFactor;
            component.Width = DivideUp((long)_file.Width * component.HorizontalFactor * size, _file.MaxHorizontal * 8L);
            component.Height = DivideUp((long)_file.Height * component.VerticalFactor * size, _file.MaxVertical * 8L);
        }

        _ = new Upsampler(_file.Components, _file.MaxHorizontal, _file.MaxVertical, _minBlock, _options.FancyUpsampling);
    }

    private readonly void WriteLines(Span<byte> output, int lines)
    {
        var upsampler = new Upsampler(_file.Components!, _file.MaxHorizontal, _file.MaxVertical, _minBlock, _options.FancyUpsampling);
        var colors = new ColorConverter(ColorModel(), Channels, _file.SawAdobe);
        var rows = new byte[_file.Components!.Length][];
        for (int c = 0; c < rows.Length; c++)
        {
            rows[c] = new byte[Width + (2 * _file.MaxHorizontal * 8)];
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
        JpegComponent[] c = _file.Components!;
        return c.Length switch
        {
            1 => JpegColors.Gray,
            4 => _file.SawAdobe && _file.AdobeTransform != 0 ? JpegColors.Ycck : JpegColors.Cmyk,
            _ when _file.SawJfif => JpegColors.Ycc,
            _ when _file.SawAdobe => _file.AdobeTransform == 0 ? JpegColors.Rgb : JpegColors.Ycc,
            _ => c[0].Id == 'R' && c[1].Id == 'G' && c[2].Id == 'B' ? JpegColors.Rgb : JpegColors.Ycc,
        };
    }
}
