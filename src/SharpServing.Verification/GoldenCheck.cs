namespace SharpServing.Verification;

/// <summary>How outputs are compared.</summary>
internal enum GoldenCheck
{
    /// <summary>Element by element.</summary>
    Values,

    /// <summary>Type and shape only (random without a seed).</summary>
    Shape,

    /// <summary>Each output as a sorted list.</summary>
    Unordered,
}
