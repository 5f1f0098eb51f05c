namespace SharpServing.Runtime.Sessions;

/// <summary>Settings of a <see cref="GraphSession"/>.</summary>
public sealed record GraphSessionOptions
{
    /// <summary>Passes to switch off: comma-separated names with a leading <c>-</c>. Default: none.</summary>
    public string GraphPasses { get; init; } = "";

    /// <summary>Compiled callables kept beside those of the signatures; the oldest goes first. Default: 64.</summary>
    public int MaxCachedCallables { get; init; } = 64;
}
