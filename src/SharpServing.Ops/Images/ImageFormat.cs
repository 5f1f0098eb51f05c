namespace SharpServing.Ops.Images;

/// <summary>What a file is, by its first bytes.</summary>
internal enum ImageFormat
{
    Unknown,
    Jpeg,
    Png,
    Gif,
    Bmp,
    WebP,
    JpegXl,
}
