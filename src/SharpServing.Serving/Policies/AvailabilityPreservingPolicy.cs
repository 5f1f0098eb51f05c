namespace SharpServing.Serving;

/// <summary>
/// Loads a new version before the old one goes, so that one version always serves while any is aspired. Costs the memory of both.
/// Unloads the lowest ready version that is not aspired if nothing is aspired, or an aspired version is ready, or another version
/// that is not aspired would stay; else loads the highest new aspired version.
/// </summary>
public sealed class AvailabilityPreservingPolicy : IAspiredVersionPolicy
{
    public (ServableActionKind Kind, long Version)? GetNextAction(ReadOnlySpan<AspiredServableSnapshot> versions)
    {
        if (AspiredVersionPolicies.LowestReadyNotAspired(versions) is { } lowest)
        {
            bool anyAspired = false, aspiredReady = false;
            int notAspiredReady = 0;
            foreach (AspiredServableSnapshot version in versions)
            {
                anyAspired |= version.IsAspired;
                aspiredReady |= version is { IsAspired: true, State: HarnessState.Ready };
                notAspiredReady += version is { IsAspired: false, State: HarnessState.Ready } ? 1 : 0;
            }

            if (!anyAspired || aspiredReady || notAspiredReady > 1)
            {
                return (ServableActionKind.Unload, lowest);
            }
        }

        return AspiredVersionPolicies.HighestNewAspired(versions);
    }
}
