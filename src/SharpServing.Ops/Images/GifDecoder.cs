namespace SharpServing.Ops.Images;

/// <summary>
/// Decodes GIF files (87a, 89a) to RGB frames of the first frame's size, each drawn over the one before; disposal is not looked at. A file
/// that ends early gives its whole frames.
/// </summary>
internal ref struct GifDecoder
{
    private const string EndsEarly = "Failed to read from given file";
    private readonly ReadOnlySpan<byte> _file;
    private readonly List<Frame> _frames = [];
    private int _position;
    private byte[]? _globalPalette;
    private int _transparent = -1;

    public GifDecoder(ReadOnlySpan<byte> file) => _file = file;

    public readonly int FrameCount => _frames.Count;

    public readonly int Width => _frames[0].Width;

    public readonly int Height => _frames[0].Height;

    /// <summary>Reads all frames.</summary>
    /// <param name="maxPixels">Limit on the pixels of all frames together.</param>
    /// <exception cref="StatusException">INVALID_ARGUMENT: no whole frame.</exception>
    public void Read(long maxPixels)
    {
        if (_file.Length < 6)
        {
            throw Fault($"failed to open gif file: {EndsEarly}");
        }

        if (_file.Length < 13)
        {
            throw Fault("failed to open gif file: No screen descriptor detected");
        }

        int flags = _file[10];
        _position = 13;
        try
        {
            _globalPalette = (flags & 0x80) != 0 ? ReadPalette(flags) : null;
        }
        catch (ImageDataException e)
        {
            throw Fault($"failed to open gif file: {e.Message}");
        }

        string fault = "";
        try
        {
            ReadBlocks(maxPixels);
            fault = "No Image Descriptor detected";
        }
        catch (ImageDataException e)
        {
            fault = e.Message;
        }

        if (_frames.Count == 0)
        {
            throw Fault($"failed to slurp gif file: {fault}");
        }
    }

    /// <summary>Draws the first frames.</summary>
    /// <param name="output">[count, Height, Width, 3].</param>
    public readonly void Draw(Span<byte> output, int count)
    {
        int size = Width * Height * 3;
        for (int k = 0; k < count; k++)
        {
            Span<byte> canvas = output.Slice(k * size, size);
            if (k == 0)
            {
                canvas.Clear();
            }
            else
            {
                output.Slice((k - 1) * size, size).CopyTo(canvas);
            }

            Draw(_frames[k], canvas, k);
        }
    }

    private readonly void Draw(Frame frame, Span<byte> canvas, int number)
    {
        byte[] palette = frame.Palette ?? throw Fault($"missing color map for frame {number}");
        int right = System.Math.Min(frame.Left + frame.Width, Width);
        int bottom = System.Math.Min(frame.Top + frame.Height, Height);
        for (int y = frame.Top; y < bottom; y++)
        {
            for (int x = frame.Left; x < right; x++)
            {
                int index = frame.Pixels[((y - frame.Top) * frame.Width) + (x - frame.Left)];
                if (index == frame.Transparent)
                {
                    continue;
                }

                if (index * 3 >= palette.Length)
                {
                    throw Fault($"found color index {index} outside of color map range {palette.Length / 3}");
                }

                palette.AsSpan(index * 3, 3).CopyTo(canvas[(((y * Width) + x) * 3)..]);
            }
        }
    }

    private readonly StatusException Fault(string text) => StatusException.InvalidArgument($"Invalid GIF data (size {_file.Length}), {text}");

    private byte ReadByte() => _position < _file.Length ? _file[_position++] : throw new ImageDataException(EndsEarly);

    private int ReadUInt16()
    {
        int low = ReadByte();
        return low | (ReadByte() << 8);
    }

    private byte[] ReadPalette(int flags)
    {
        int bytes = 3 << ((flags & 7) + 1);
        if (bytes > _file.Length - _position)
        {
            throw new ImageDataException(EndsEarly);
        }

        byte[] palette = _file.Slice(_position, bytes).ToArray();
        _position += bytes;
        return palette;
    }

    private void ReadBlocks(long maxPixels)
    {
        long pixels = 0;
        while (true)
        {
            switch (ReadByte())
            {
                case (byte)'!':
                    ReadExtension();
                    break;
                case (byte)',':
                    Frame frame = ReadFrame(ref pixels, maxPixels);
                    _frames.Add(frame);
                    _transparent = -1;
                    break;
                case (byte)';':
                    return;
                default:
                    throw new ImageDataException("Wrong record type detected");
            }
        }
    }

    private void ReadExtension()
    {
        byte label = ReadByte();
        while (true)
        {
            int length = ReadByte();
            if (length == 0)
            {
                return;
            }

            if (length > _file.Length - _position)
            {
                throw new ImageDataException(EndsEarly);
            }

            ReadOnlySpan<byte> block = _file.Slice(_position, length);
            _position += length;
            if (label == 0xF9 && length == 4)
            {
                _transparent = (block[0] & 1) != 0 ? block[3] : -1;
            }
        }
    }

    private Frame ReadFrame(ref long pixels, long maxPixels)
    {
        int left = ReadUInt16();
        int top = ReadUInt16();
        int width = ReadUInt16();
        int height = ReadUInt16();
        int flags = ReadByte();
        byte[]? palette = (flags & 0x80) != 0 ? ReadPalette(flags) : _globalPalette;
        if (width == 0 || height == 0)
        {
            throw new ImageDataException("Image size is 0");
        }

        pixels += System.Math.Max((long)width * height, _frames.Count > 0 ? (long)Width * Height : 0);
        if (pixels > maxPixels)
        {
            throw StatusException.ResourceExhausted($"GIF of more than {maxPixels} pixels");
        }

        byte[] data = ReadRaster(width * height);
        if ((flags & 0x40) != 0)
        {
            data = Deinterlace(data, width, height);
        }

        return new Frame(left, top, width, height, palette, _transparent, data);
    }

    private static byte[] Deinterlace(byte[] data, int width, int height)
    {
        byte[] result = new byte[data.Length];
        int row = 0;
        foreach ((int first, int step) in ((int, int)[])[(0, 8), (4, 8), (2, 4), (1, 2)])
        {
            for (int y = first; y < height; y += step, row++)
            {
                data.AsSpan(row * width, width).CopyTo(result.AsSpan(y * width));
            }
        }

        return result;
    }

    /// <summary>LZW with codes from the least significant bit, in blocks of up to 255 bytes.</summary>
    private byte[] ReadRaster(int count)
    {
        int minimum = ReadByte();
        if (minimum > 8)
        {
            throw new ImageDataException("Image is defective, decoding aborted");
        }

        int clear = 1 << minimum;
        int end = clear + 1;
        var prefix = new short[4096];
        var suffix = new byte[4096];
        var stack = new byte[4097];
        byte[] output = new byte[count];
        int written = 0;
        int next = clear + 2;
        int size = minimum + 1;
        int previous = -1;
        byte firstOfPrevious = 0;
        int bits = 0;
        int bitCount = 0;
        int blockLeft = 0;
        bool isOver = false;
        while (written < count)
        {
            while (bitCount < size)
            {
                if (blockLeft == 0)
                {
                    blockLeft = ReadByte();
                    if (blockLeft == 0)
                    {
                        isOver = true;
                        break;
                    }
                }

                bits |= ReadByte() << bitCount;
                bitCount += 8;
                blockLeft--;
            }

            if (isOver)
            {
                throw new ImageDataException("Image EOF detected before image complete");
            }

            int code = bits & ((1 << size) - 1);
            bits >>= size;
            bitCount -= size;
            if (code == clear)
            {
                next = clear + 2;
                size = minimum + 1;
                previous = -1;
                continue;
            }

            if (code == end)
            {
                throw new ImageDataException("Image EOF detected before image complete");
            }

            if (code > next || (code == next && previous < 0) || (previous < 0 && code > clear))
            {
                throw new ImageDataException("Image is defective, decoding aborted");
            }

            int depth = 0;
            int walk = code;
            if (code == next)
            {
                stack[depth++] = firstOfPrevious;
                walk = previous;
            }

            while (walk > end)
            {
                stack[depth++] = suffix[walk];
                walk = prefix[walk];
            }

            stack[depth++] = (byte)walk;
            firstOfPrevious = (byte)walk;
            while (depth > 0 && written < count)
            {
                output[written++] = stack[--depth];
            }

            if (previous >= 0 && next < 4096)
            {
                prefix[next] = (short)previous;
                suffix[next] = firstOfPrevious;
                next++;
                if (next == 1 << size && size < 12)
                {
                    size++;
                }
            }

            previous = code;
        }

        SkipBlocks(blockLeft);
        return output;
    }

    private void SkipBlocks(int left)
    {
        while (true)
        {
            if (left > _file.Length - _position)
            {
                throw new ImageDataException(EndsEarly);
            }

            _position += left;
            left = ReadByte();
            if (left == 0)
            {
                return;
            }
        }
    }

    private sealed record Frame(int Left, int Top, int Width, int Height, byte[]? Palette, int Transparent, byte[] Pixels);
}
