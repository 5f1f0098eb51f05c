namespace SharpServing.SavedModel;

/// <summary>What <see cref="WireChecker"/> found.</summary>
internal enum WireCheck
{
    Valid,

    /// <summary>Not a message of this type.</summary>
    Malformed,

    /// <summary>Malformed, and the original's parser would have asked for bytes behind the last one before it noticed.</summary>
    EndOfData,
}
