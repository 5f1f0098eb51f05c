namespace SharpServing.Ops.Images.Jpeg;

/// <summary>The file ended where it must not.</summary>
internal sealed class JpegEndException : Exception
{
}
