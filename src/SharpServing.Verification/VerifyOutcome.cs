namespace SharpServing.Verification;

/// <summary>How one case ended.</summary>
public enum VerifyOutcome
{
    Passed,
    Failed,

    /// <summary>Not run: an op, type or attribute is not supported, and the load said so.</summary>
    Refused,
}
