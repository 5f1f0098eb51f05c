namespace SharpServing.Ops.Images.Jpeg;

/// <summary>One component of a frame: sampling, tables, and its decoded samples.</summary>
internal sealed class JpegComponent
{
    public required byte Id { get; init; }

    public required int HorizontalFactor { get; init; }

    public required int VerticalFactor { get; init; }

    public required int QuantizationIndex { get; init; }

    /// <summary>Samples across one block after the inverse transform: 8, or less when the picture is scaled down.</summary>
    public int BlockSize { get; set; }

    /// <summary>Blocks that hold picture.</summary>
    public int BlocksAcross { get; set; }

    public int BlocksDown { get; set; }

    /// <summary>Blocks of whole MCUs: the pitch of the planes.</summary>
    public int PaddedAcross { get; set; }

    public int PaddedDown { get; set; }

    /// <summary>Samples that hold picture, after scaling.</summary>
    public int Width { get; set; }

    public int Height { get; set; }

    /// <summary>In zigzag order; the table that was there when the component's first scan began.</summary>
    public ushort[]? Quantization { get; set; }

    public HuffmanTable? DcTable { get; set; }

    public HuffmanTable? AcTable { get; set; }

    public int LastDc { get; set; }

    /// <summary>[PaddedDown * BlockSize, PaddedAcross * BlockSize].</summary>
    public byte[] Samples { get; set; } = [];

    /// <summary>Natural order, 64 a block; only for progressive files.</summary>
    public short[]? Coefficients { get; set; }

    public int Pitch => PaddedAcross * BlockSize;
}
