namespace SharpServing.Ops.Images;

/// <summary>The bytes are no picture of their format. Never leaves the decoders: the op that called them says its own text.</summary>
internal sealed class ImageDataException : Exception
{
    public ImageDataException(string message)
        : base(message)
    {
    }
}
