namespace SharpServing.Serving;

/// <summary>
/// Unloads what is not aspired before anything new loads, so that two versions never take memory at the same time.
/// Nothing serves between the two.
/// </summary>
public sealed class ResourcePreservingPolicy : IAspiredVersionPolicy
{
    public (ServableActionKind Kind, long Version)? GetNextAction(ReadOnlySpan<AspiredServableSnapshot> versions)
    {
        if (AspiredVersionPolicies.LowestReadyNotAspired(versions) is { } lowest)
        {
            return (ServableActionKind.Unload, lowest);
        }

        foreach (AspiredServableSnapshot version in versions)
        {
            if (!version.IsAspired && version.State is not (HarnessState.New or HarnessState.Disabled or HarnessState.Error))
            {
                return null;        // still loading or on its way out
            }
        }

        return AspiredVersionPolicies.HighestNewAspired(versions);
    }
}
