namespace SharpServing.Verification;

/// <summary>How golden data is run.</summary>
public sealed record VerifyOptions
{
    /// <summary>Only cases whose <c>group/unit/case</c> contains this. Empty: all.</summary>
    public string Filter { get; init; } = "";

    /// <summary>Compare whole error texts, with the suffix that names the node, where they are recorded.</summary>
    public bool FullTexts { get; init; }

    /// <summary>Limit on one run; reaching it fails the case.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Folder for weights that golden data describes instead of carrying.</summary>
    public string Cache { get; init; } = Path.Combine(Path.GetTempPath(), "sharpserving-verify");
}
