using System.Buffers.Binary;
using static SharpServing.Ops.Support.Requirements;

namespace SharpServing.Ops.Images;

/// <summary>
/// Uncompressed Windows bitmaps of 8, 24 and 32 bits, read as the original reads them: palette and compression are not looked at.
/// </summary>
internal readonly ref struct BmpDecoder
{
    private const int HeaderBytes = 32;
    private readonly ReadOnlySpan<byte> _file;
    private readonly int _dataStart;
    private readonly int _fileChannels;
    private readonly bool _topDown;
    private readonly long _rowBytes;

    /// <param name="channels">0: as the file.</param>
    /// <exception cref="StatusException">INVALID_ARGUMENT.</exception>
    public BmpDecoder(ReadOnlySpan<byte> file, int channels)
    {
        _file = file;
        Require(
            file.Length >= HeaderBytes,
            $"Incomplete bmp content, requires at least 32 bytes to find the header size, width, height, and bpp, got {file.Length} bytes");
        _dataStart = BinaryPrimitives.ReadInt32LittleEndian(file[10..]);
        Width = BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
        int height = BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        int bits = BinaryPrimitives.ReadInt16LittleEndian(file[28..]);
        if (channels != 0)
        {
            Require(channels is 3 or 4, $"`channels` must be 0, 3 or 4 for BMP, but got {channels}");
        }

        _fileChannels = bits / 8;
        Require(Width > 0, "Width must be positive");
        _topDown = height < 0;
        long area = Width * System.Math.Abs((long)height);
        bool fits = area < 1L << 30 && area * System.Math.Max(_fileChannels, 1) < 1L << 30;
        Require(fits, "Total possible pixel bytes must be less than 2^30");
        Height = System.Math.Abs(height);
        Require(_fileChannels is 1 or 3 or 4, $"Number of channels inherent in the image must be 1, 3 or 4, was {_fileChannels}");
        _rowBytes = (((long)_fileChannels * Width) + 3) / 4 * 4;
        long excess = file.Length - (_dataStart + (_rowBytes * Height));
        Require(excess == 0, $"Input size should match (header_size + row_size * abs_height) but they differ by {excess}");
        Channels = channels != 0 ? channels : _fileChannels;
    }

    public int Width { get; }

    public int Height { get; }

    public int Channels { get; }

    /// <param name="output">[Height, Width, Channels].</param>
    public void Decode(Span<byte> output)
    {
        int at = 0;
        for (int y = 0; y < Height; y++)
        {
            long start = _dataStart + ((_topDown ? y : Height - 1 - y) * _rowBytes);
            ReadOnlySpan<byte> row = _file.Slice((int)start, Width * _fileChannels);
            for (int x = 0; x < Width; x++, at += Channels)
            {
                ReadOnlySpan<byte> pixel = row.Slice(x * _fileChannels, _fileChannels);
                bool isGray = _fileChannels == 1;
                output[at] = isGray ? pixel[0] : pixel[2];
                if (Channels >= 3)
                {
                    output[at + 1] = isGray ? pixel[0] : pixel[1];
                    output[at + 2] = pixel[0];
                }

                if (Channels == 4)
                {
                    output[at + 3] = _fileChannels == 4 ? pixel[3] : byte.MaxValue;
                }
            }
        }
    }
}
