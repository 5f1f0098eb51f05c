namespace SharpServing.Ops.Images.Jpeg;

/// <summary>How a JPEG file is to be decoded.</summary>
internal sealed record JpegOptions
{
    /// <summary>1 gray, 3 RGB, 0 what the file has (CMYK as RGB).</summary>
    public int Channels { get; init; }

    /// <summary>Size is divided by 1, 2, 4 or 8, rounded up.</summary>
    public int Ratio { get; init; } = 1;

    /// <summary>Chroma is interpolated instead of repeated.</summary>
    public bool FancyUpsampling { get; init; } = true;

    /// <summary>A file that ends early is taken as if its end marker stood there.</summary>
    public bool RecoverTruncated { get; init; }

    /// <summary>Share of the lines that must be there when a file ends early.</summary>
    public float AcceptableFraction { get; init; } = 1;

    /// <summary>The slow, exact inverse transform instead of the fast one.</summary>
    public bool AccurateDct { get; init; }
}
