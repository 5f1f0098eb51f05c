namespace SharpServing.Ops.Support;

/// <summary>How inflating ended.</summary>
internal enum InflateResult
{
    /// <summary>The stream ended with the output full and a right checksum.</summary>
    Complete,

    /// <summary>The stream ended before the output was full.</summary>
    Short,

    /// <summary>The output is full and the stream goes on.</summary>
    More,

    /// <summary>The input ended within the stream.</summary>
    EndsEarly,

    Bad,
}
