namespace SharpServing.Serving;

/// <summary>What both policies share.</summary>
internal static class AspiredVersionPolicies
{
    /// <summary>The highest aspired version that was not tried yet.</summary>
    public static (ServableActionKind Kind, long Version)? HighestNewAspired(ReadOnlySpan<AspiredServableSnapshot> versions)
    {
        long? highest = null;
        foreach (AspiredServableSnapshot version in versions)
        {
            if (version is { IsAspired: true, State: HarnessState.New } && (highest is null || version.Version > highest))
            {
                highest = version.Version;
            }
        }

        return highest is { } found ? (ServableActionKind.Load, found) : null;
    }

    /// <summary>The lowest version that serves and is not aspired.</summary>
    public static long? LowestReadyNotAspired(ReadOnlySpan<AspiredServableSnapshot> versions)
    {
        long? lowest = null;
        foreach (AspiredServableSnapshot version in versions)
        {
            if (version is { IsAspired: false, State: HarnessState.Ready } && (lowest is null || version.Version < lowest))
            {
                lowest = version.Version;
            }
        }

        return lowest;
    }
}
