namespace SharpServing.Ops.Images.Jpeg;

/// <summary>What the components of a file mean.</summary>
internal enum JpegColors
{
    Gray,
    Ycc,
    Rgb,
    Cmyk,
    Ycck,
}
