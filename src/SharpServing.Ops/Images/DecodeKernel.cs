using SharpServing.Ops.Images.Jpeg;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;
using static SharpServing.Ops.Support.Requirements;

namespace SharpServing.Ops.Images;

/// <summary>
/// DecodeJpeg, DecodePng, DecodeGif, DecodeBmp, DecodeImage: the file's first bytes say what it is, the op only what it
/// takes. Source of rules and texts: tensorflow/core/kernels/image/decode_image_op.cc.
/// </summary>
internal sealed class DecodeKernel : OpKernel
{
    /// <summary>Pixels of all frames of a GIF.</summary>
    private const long MaxGifPixels = 1L << 28;

    private readonly string _op;
    private readonly int _channels;
    private readonly DType _type;
    private readonly bool _expand;
    private readonly JpegOptions _jpeg;

    public DecodeKernel(KernelBuilder builder)
    {
        _op = builder.Node.Op;
        _type = builder.OutputType(0);
        _channels = _op == "DecodeGif" ? 3 : (int)builder.Attributes.Int("channels");
        if (_channels is not (0 or 1 or 3 or 4))
        {
            throw StatusException.InvalidArgument($"`channels` must be 0, 1, 3 or 4 but got {_channels}");
        }

        _expand = _op == "DecodeGif" || (_op == "DecodeImage" && builder.Attributes.Bool("expand_animations"));
        _jpeg = new JpegOptions { Channels = _channels };
        if (_op != "DecodeJpeg")
        {
            return;
        }

        long ratio = builder.Attributes.Int("ratio");
        if (ratio is not (1 or 2 or 4 or 8))
        {
            throw StatusException.InvalidArgument($"ratio must be 1, 2, 4, or 8, got {ratio}");
        }

        string method = builder.Attributes.String("dct_method");
        if (method is not ("" or "INTEGER_FAST" or "INTEGER_ACCURATE"))
        {
            throw StatusException.InvalidArgument("dct_method must be one of {'', 'INTEGER_FAST', 'INTEGER_ACCURATE'}");
        }

        _jpeg = _jpeg with
        {
            Ratio = (int)ratio,
            FancyUpsampling = builder.Attributes.Bool("fancy_upscaling"),
            RecoverTruncated = builder.Attributes.Bool("try_recover_truncated"),
            AcceptableFraction = builder.Attributes.Float("acceptable_fraction"),
            AccurateDct = method == "INTEGER_ACCURATE",
        };
    }

    public override void Compute(OpContext context)
    {
        Tensor contents = context.Input(0);
        Require(contents.Rank == 0, $"`contents` must be scalar but got shape{contents.Shape}");
        ReadOnlySpan<byte> file = contents.String(0);
        Require(!file.IsEmpty, "Input is empty.");
        ImageFormat format = Classify(file);
        switch (format)
        {
            case ImageFormat.Jpeg:
                RequireNotBmpOp("JPEG", "decode_jpeg");
                Require(_channels != 4, "JPEG does not support 4 channels");
                DecodeJpeg(context, file);
                break;
            case ImageFormat.Png:
                RequireNotBmpOp("PNG", "decode_png");
                DecodePng(context, file);
                break;
            case ImageFormat.Gif:
                RequireNotBmpOp("GIF", "decode_gif");
                DecodeGif(context, file);
                break;
            case ImageFormat.Bmp:
                Require(
                    _op is "DecodeBmp" or "DecodeImage",
                    $"Trying to decode BMP format using a wrong op. Use `decode_bmp` or `decode_image` instead. Op used: {_op}");
                DecodeBmp(context, file);
                break;
            case ImageFormat.WebP or ImageFormat.JpegXl:
                throw StatusException.Unimplemented($"SharpServing does not decode {(format == ImageFormat.WebP ? "WebP" : "JPEG XL")} files");
            default:
                throw StatusException.InvalidArgument("Unknown image file format. One of JPEG, JPEG XL, PNG, GIF, BMP, WebP required.");
        }
    }

    private static ImageFormat Classify(ReadOnlySpan<byte> file) =>
        file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? ImageFormat.Jpeg
        : file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? ImageFormat.Png
        : file.StartsWith("GIF8"u8) ? ImageFormat.Gif
        : file.StartsWith("BM"u8) ? ImageFormat.Bmp
        : file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8) ? ImageFormat.WebP
        : file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || file.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 0x0C, (byte)'J', (byte)'X', (byte)'L', (byte)' '])
            ? ImageFormat.JpegXl
        : ImageFormat.Unknown;

    private void RequireNotBmpOp(string format, string instead) =>
        Require(_op != "DecodeBmp", $"Trying to decode {format} format using DecodeBmp op. Use `{instead}` or `decode_image` instead.");

    /// <summary>The output, with a leading dimension of frames where the op has one.</summary>
    private Tensor Allocate(OpContext context, int height, int width, int channels) =>
        _op == "DecodeGif" ? OutputMemory.Allocate(context, 0, 1, height, width, channels) : OutputMemory.Allocate(context, 0, height, width, channels);

    private void DecodeJpeg(OpContext context, ReadOnlySpan<byte> file)
    {
        try
        {
            var decoder = new JpegDecoder(file, _jpeg);
            decoder.ReadHeader();
            decoder.Prepare();
            Tensor output = Allocate(context, decoder.Height, decoder.Width, decoder.Channels);
            int count = (int)output.ElementCount;

            // Bytes are decoded to the end of the output and widened from its start.
            Span<byte> bytes = output.Bytes[(output.Bytes.Length - count)..];
            decoder.Decode(bytes);
            Widen(output, count);
        }
        catch (ImageDataException)
        {
            throw StatusException.InvalidArgument("jpeg::Uncompress failed. Invalid JPEG data or crop window.");
        }
    }

    /// <summary>Spreads bytes at the end of the output over all of it, in place: to 16 bits by v * 256, to float32 by v / 255.</summary>
    private void Widen(Tensor output, int count)
    {
        Span<byte> bytes = output.Bytes;
        int first = bytes.Length - count;
        if (_type == DType.UInt16)
        {
            Span<ushort> target = output.Span<ushort>();
            for (int i = 0; i < count; i++)
            {
                target[i] = (ushort)(bytes[first + i] << 8);
            }
        }
        else if (_type == DType.Float)
        {
            Span<float> target = output.Span<float>();
            for (int i = 0; i < count; i++)
            {
                target[i] = bytes[first + i] * (1f / 255);
            }
        }
    }

    private void DecodePng(OpContext context, ReadOnlySpan<byte> file)
    {
        var decoder = new PngDecoder(file);
        try
        {
            decoder.ReadHeader();
        }
        catch (ImageDataException)
        {
            throw StatusException.InvalidArgument("Invalid PNG. Failed to initialize decoder.");
        }

        int channels = _channels != 0 ? _channels : decoder.NaturalChannels;
        Tensor output = Allocate(context, decoder.Height, decoder.Width, channels);
        int count = (int)output.ElementCount;
        bool wide = _type is DType.UInt16 or DType.Float;
        try
        {
            int size = wide ? sizeof(ushort) : 1;
            decoder.Decode(output.Bytes[(output.Bytes.Length - (count * size))..], channels, wide);
        }
        catch (ImageDataException)
        {
            throw StatusException.InvalidArgument($"Invalid PNG data, size {file.Length}");
        }

        if (!wide)
        {
            Widen(output, count);
        }
        else if (_type == DType.Float)
        {
            ReadOnlySpan<ushort> source = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(output.Bytes[(count * sizeof(ushort))..]);
            Span<float> target = output.Span<float>();
            for (int i = 0; i < count; i++)
            {
                target[i] = source[i] * (1f / 65535);
            }
        }
    }

    private void DecodeGif(OpContext context, ReadOnlySpan<byte> file)
    {
        Require(_channels is 0 or 3, $"channels must be 0 or 3 for GIF, got {_channels}");
        var decoder = new GifDecoder(file);
        decoder.Read(MaxGifPixels);
        int frames = _expand ? decoder.FrameCount : 1;
        Require(
            _op is "DecodeGif" or "DecodeImage" || decoder.FrameCount == 1,
            $"Got {decoder.FrameCount} frames, but animated gifs can only be decoded by tf.io.decode_gif or tf.io.decode_image");
        Tensor output = _expand
            ? OutputMemory.Allocate(context, 0, frames, decoder.Height, decoder.Width, 3)
            : OutputMemory.Allocate(context, 0, decoder.Height, decoder.Width, 3);
        int count = (int)output.ElementCount;
        decoder.Draw(output.Bytes[(output.Bytes.Length - count)..], frames);
        Widen(output, count);
    }

    private void DecodeBmp(OpContext context, ReadOnlySpan<byte> file)
    {
        var decoder = new BmpDecoder(file, _channels);
        Tensor output = OutputMemory.Allocate(context, 0, decoder.Height, decoder.Width, decoder.Channels);
        int count = (int)output.ElementCount;
        decoder.Decode(output.Bytes[(output.Bytes.Length - count)..]);
        Widen(output, count);
    }
}
