using System.Buffers.Binary;
using SharpServing.Ops.Support;

namespace SharpServing.Ops.Images;

/// <summary>
/// Decodes PNG files (ISO/IEC 15948) of all colour types and depths, interlaced too, with libpng's tolerance: broken ancillary chunks are
/// passed over, broken critical ones are not.
/// </summary>
internal ref struct PngDecoder
{
    /// <summary>libpng's default limit on width and height.</summary>
    private const int MaxSide = 1000000;

    private static readonly uint[] CrcTable = MakeCrcTable();

    private readonly ReadOnlySpan<byte> _file;
    private int _position;
    private byte[] _palette = [];
    private byte[]? _transparency;
    private bool _interlaced;

    public PngDecoder(ReadOnlySpan<byte> file) => _file = file;

    public int Width { get; private set; }

    public int Height { get; private set; }

    public int Depth { get; private set; }

    public int ColorType { get; private set; }

    /// <summary>Channels of the file as the original counts them.</summary>
    public readonly int NaturalChannels => ColorType switch
    {
        0 => 1,
        2 => 3,
        3 => _transparency is null ? 3 : 4,
        4 => 2,
        _ => 4,
    };

    private readonly int Samples => ColorType switch
    {
        2 => 3,
        4 => 2,
        6 => 4,
        _ => 1,
    };

    private readonly int BitsPerPixel => Samples * Depth;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads up to the picture's data.</summary>
    /// <exception cref="ImageDataException">The header is broken.</exception>
    public void ReadHeader()
    {
        if (!_file.StartsWith(Signature))
        {
            throw new ImageDataException("signature");
        }

        _position = Signature.Length;
        bool first = true;
        while (true)
        {
            // Of the first data chunk only the name counts here.
            if (!first && _file.Length - _position >= 8 && Name(_file[(_position + 4)..]) == Name("IDAT"u8))
            {
                if (ColorType == 3 && _palette.Length == 0)
                {
                    throw new ImageDataException("no palette");
                }

                return;
            }

            ReadOnlySpan<byte> data = ReadChunk(out uint type, out bool isIntact);
            bool isCritical = (type & 0x20000000) == 0;
            if ((type == Name("IHDR"u8)) != first || (!isIntact && isCritical))
            {
                throw new ImageDataException("chunk order or checksum");
            }

            first = false;
            if (type == Name("IHDR"u8))
            {
                ReadImageHeader(data);
            }
            else if (type == Name("PLTE"u8))
            {
                ReadPalette(data);
            }
            else if (type == Name("tRNS"u8))
            {
                ReadTransparency(data, isIntact);
            }
            else if (isCritical)
            {
                throw new ImageDataException("unknown critical chunk");
            }
        }
    }

    /// <summary>Decodes the picture.</summary>
    /// <param name="output">[Height, Width, <paramref name="channels"/>] of one or two bytes, native byte order.</param>
    /// <param name="wide">Samples of 16 bits.</param>
    /// <exception cref="ImageDataException">The data are broken or end early.</exception>
    public void Decode(Span<byte> output, int channels, bool wide)
    {
        byte[] compressed = ReadData();
        long size = 0;
        int passes = _interlaced ? 7 : 1;
        for (int pass = 0; pass < passes; pass++)
        {
            (int width, int height) = PassSize(pass);
            size += width == 0 ? 0 : (RowBytes(width) + 1) * height;
        }

        if (size > System.Array.MaxLength)
        {
            throw new ImageDataException("too large");
        }

        byte[] raw = new byte[size];
        InflateResult result = Inflater.Zlib(compressed, raw);
        if (result is not (InflateResult.Complete or InflateResult.More))
        {
            throw new ImageDataException("compressed data");
        }

        int at = 0;
        for (int pass = 0; pass < passes; pass++)
        {
            (int width, int height) = PassSize(pass);
            if (width > 0)
            {
                DecodePass(raw.AsSpan(at), pass, width, height, output, channels, wide);
                at += (int)((RowBytes(width) + 1) * height);
            }
        }
    }

    private static uint Name(ReadOnlySpan<byte> name) => BinaryPrimitives.ReadUInt32BigEndian(name);

    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (uint n = 0; n < table.Length; n++)
        {
            uint c = n;
            for (int k = 0; k < 8; k++)
            {
                c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            }

            table[n] = c;
        }

        return table;
    }

    private ReadOnlySpan<byte> ReadChunk(out uint type, out bool isIntact)
    {
        if (_file.Length - _position < 12)
        {
            throw new ImageDataException("file ends early");
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(_file[_position..]);
        if (length > _file.Length - _position - 12)
        {
            throw new ImageDataException("file ends early");
        }

        ReadOnlySpan<byte> summed = _file.Slice(_position + 4, (int)length + 4);
        uint crc = uint.MaxValue;
        foreach (byte value in summed)
        {
            crc = CrcTable[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        type = BinaryPrimitives.ReadUInt32BigEndian(summed);
        isIntact = ~crc == BinaryPrimitives.ReadUInt32BigEndian(_file[(_position + 8 + (int)length)..]);
        _position += 12 + (int)length;
        return summed[4..];
    }

    private void ReadImageHeader(ReadOnlySpan<byte> data)
    {
        if (data.Length != 13)
        {
            throw new ImageDataException("IHDR");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        Depth = data[8];
        ColorType = data[9];
        _interlaced = data[12] == 1;
        bool isDepth = ColorType switch
        {
            0 => Depth is 1 or 2 or 4 or 8 or 16,
            3 => Depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => Depth is 8 or 16,
            _ => false,
        };
        if (width is 0 or > MaxSide || height is 0 or > MaxSide || !isDepth || data[10] != 0 || data[11] != 0 || data[12] > 1)
        {
            throw new ImageDataException("IHDR");
        }

        Width = (int)width;
        Height = (int)height;
    }

    private void ReadPalette(ReadOnlySpan<byte> data)
    {
        bool isValid = data.Length % 3 == 0 && data.Length is > 0 and <= 768;
        if (ColorType == 3 && !isValid)
        {
            throw new ImageDataException("PLTE");
        }

        _palette = isValid ? data.ToArray() : [];
    }

    private void ReadTransparency(ReadOnlySpan<byte> data, bool isIntact)
    {
        bool isValid = isIntact && ColorType switch
        {
            0 => data.Length == 2,
            2 => data.Length == 6,
            3 => data.Length > 0 && data.Length <= _palette.Length / 3,
            _ => false,
        };
        if (isValid)
        {
            _transparency = data.ToArray();
        }
    }

    /// <summary>The data of consecutive IDAT chunks; the file must go on to IEND without fault.</summary>
    private byte[] ReadData()
    {
        using var data = new MemoryStream();
        bool isOver = false;
        while (true)
        {
            ReadOnlySpan<byte> chunk = ReadChunk(out uint type, out bool isIntact);
            bool isCritical = (type & 0x20000000) == 0;
            if (!isIntact && isCritical)
            {
                throw new ImageDataException("checksum");
            }

            if (type == Name("IEND"u8))
            {
                return data.ToArray();
            }

            if (type == Name("IDAT"u8))
            {
                if (!isOver)
                {
                    data.Write(chunk);
                }
            }
            else
            {
                isOver = true;
                if (isCritical && type != Name("PLTE"u8))
                {
                    throw new ImageDataException("unknown critical chunk");
                }
            }
        }
    }

    private readonly long RowBytes(int width) => (((long)width * BitsPerPixel) + 7) / 8;

    /// <summary>Adam7: first column and row of each pass, and steps.</summary>
    private static (int X, int Y, int StepX, int StepY) Grid(int pass) => pass switch
    {
        0 => (0, 0, 8, 8),
        1 => (4, 0, 8, 8),
        2 => (0, 4, 4, 8),
        3 => (2, 0, 4, 4),
        4 => (0, 2, 2, 4),
        5 => (1, 0, 2, 2),
        _ => (0, 1, 1, 2),
    };

    private readonly (int Width, int Height) PassSize(int pass)
    {
        if (!_interlaced)
        {
            return (Width, Height);
        }

        (int x, int y, int stepX, int stepY) = Grid(pass);
        return ((Width - x + stepX - 1) / stepX, (Height - y + stepY - 1) / stepY);
    }

    private readonly void DecodePass(Span<byte> raw, int pass, int width, int height, Span<byte> output, int channels, bool wide)
    {
        int rowBytes = (int)RowBytes(width);
        int step = System.Math.Max(1, BitsPerPixel / 8);
        (int firstX, int firstY, int stepX, int stepY) = _interlaced ? Grid(pass) : (0, 0, 1, 1);
        ReadOnlySpan<byte> above = default;
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = raw.Slice((y * (rowBytes + 1)) + 1, rowBytes);
            Unfilter(raw[y * (rowBytes + 1)], row, above, step);
            above = row;
            long line = (long)(firstY + (y * stepY)) * Width;
            for (int x = 0; x < width; x++)
            {
                int at = checked((int)((line + firstX + (x * stepX)) * channels));
                WritePixel(row, x, output, at, channels, wide);
            }
        }
    }

    private static void Unfilter(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0;
            int up = above.IsEmpty ? 0 : above[i];
            int corner = i >= step && !above.IsEmpty ? above[i - step] : 0;
            row[i] += filter switch
            {
                0 => 0,
                1 => (byte)left,
                2 => (byte)up,
                3 => (byte)((left + up) / 2),
                4 => Paeth(left, up, corner),
                _ => throw new ImageDataException("filter"),
            };
        }
    }

    private static byte Paeth(int left, int up, int corner)
    {
        int estimate = left + up - corner;
        int toLeft = System.Math.Abs(estimate - left);
        int toUp = System.Math.Abs(estimate - up);
        int toCorner = System.Math.Abs(estimate - corner);
        return (byte)(toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner);
    }

    private readonly int Sample(ReadOnlySpan<byte> row, int index) => Depth switch
    {
        8 => row[index],
        16 => BinaryPrimitives.ReadUInt16BigEndian(row[(index * 2)..]),
        _ => (row[index * Depth / 8] >> (8 - Depth - (index * Depth % 8))) & ((1 << Depth) - 1),
    };

    private readonly int KeyOf(int channel) => BinaryPrimitives.ReadUInt16BigEndian(_transparency.AsSpan(channel * 2)) & ((1 << Depth) - 1);

    private readonly void WritePixel(ReadOnlySpan<byte> row, int x, Span<byte> output, int at, int channels, bool wide)
    {
        int most = Depth == 16 ? 0xFFFF : 0xFF;

        // Where there is no alpha the original fills in the largest sample of the file's depth.
        int alpha = _transparency is null && ColorType < 4 ? (1 << Depth) - 1 : most;
        int red;
        int green;
        int blue;
        bool isColor = (ColorType & 2) != 0;
        switch (ColorType)
        {
            case 3:
                int index = Sample(row, x);
                bool known = (index * 3) + 2 < _palette.Length;
                red = known ? _palette[index * 3] : 0;
                green = known ? _palette[(index * 3) + 1] : 0;
                blue = known ? _palette[(index * 3) + 2] : 0;
                alpha = _transparency is { } alphas && index < alphas.Length ? alphas[index] : alpha;
                break;
            case 0 or 4:
                int gray = Sample(row, x * Samples);
                alpha = ColorType == 4 ? Sample(row, (x * 2) + 1) : _transparency is not null && gray == KeyOf(0) ? 0 : alpha;
                red = green = blue = Depth < 8 ? gray * 255 / ((1 << Depth) - 1) : gray;
                break;
            default:
                int first = x * Samples;
                red = Sample(row, first);
                green = Sample(row, first + 1);
                blue = Sample(row, first + 2);
                alpha = ColorType == 6 ? Sample(row, first + 3)
                    : _transparency is not null && red == KeyOf(0) && green == KeyOf(1) && blue == KeyOf(2) ? 0 : alpha;
                break;
        }

        switch (channels)
        {
            case 1 or 2:
                int level = !isColor ? red
                    : Depth == 16 ? ((red * 9797) + (green * 19234) + (blue * 3737) + 16384) >> 15
                    : ((red * 9798) + (green * 19235) + (blue * 3735)) >> 15;
                Write(output, at, level, wide);
                if (channels == 2)
                {
                    Write(output, at + 1, alpha, wide);
                }

                break;
            default:
                Write(output, at, red, wide);
                Write(output, at + 1, green, wide);
                Write(output, at + 2, blue, wide);
                if (channels == 4)
                {
                    Write(output, at + 3, alpha, wide);
                }

                break;
        }
    }

    private readonly void Write(Span<byte> output, int index, int value, bool wide)
    {
        if (wide)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(output[(index * 2)..], (ushort)(Depth == 16 ? value : value * 257));
        }
        else
        {
            output[index] = (byte)(Depth == 16 ? value >> 8 : value);
        }
    }
}
