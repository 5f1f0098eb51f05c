namespace SharpServing.Serving;

/// <summary>The manager's decisions as pure functions of what is desired and what is there.</summary>
public static class AspiredVersionsDecision
{
    /// <summary>Whether a version can be forgotten: nothing is loaded or on its way, and nobody wants it.</summary>
    public static bool IsForgettable(AspiredServableSnapshot version) =>
        !version.IsAspired && version.State is (HarnessState.New or HarnessState.Disabled or HarnessState.Error);

    /// <summary>
    /// Compares an aspired list with the versions held. A list that names a version which is held and not aspired any more has to
    /// wait until that version is gone (forgettable versions are already gone when this is asked).
    /// </summary>
    public static AspiredVersionsPlan Apply(ReadOnlySpan<AspiredServableSnapshot> held, IReadOnlyList<AspiredVersion> aspired)
    {
        var wanted = new HashSet<long>();
        foreach (AspiredVersion version in aspired)
        {
            wanted.Add(version.Version);
        }

        var known = new HashSet<long>();
        var unaspire = new List<long>();
        foreach (AspiredServableSnapshot version in held)
        {
            if (!version.IsAspired)
            {
                if (wanted.Contains(version.Version))
                {
                    return AspiredVersionsPlan.Waiting;
                }

                continue;
            }

            if (wanted.Contains(version.Version))
            {
                known.Add(version.Version);
            }
            else
            {
                unaspire.Add(version.Version);
            }
        }

        var add = new List<AspiredVersion>();
        var twice = new List<long>();
        var added = new HashSet<long>();
        foreach (AspiredVersion version in aspired)
        {
            if (known.Contains(version.Version))
            {
                continue;
            }

            if (added.Add(version.Version))
            {
                add.Add(version);
            }
            else
            {
                twice.Add(version.Version);
            }
        }

        return new AspiredVersionsPlan(MustWait: false, unaspire, add, twice);
    }

    /// <summary>The one step to take next: an unload if any stream asks for one, else a load; streams in the order given.</summary>
    public static ServableAction? Next(
        IAspiredVersionPolicy policy, IReadOnlyList<(string Name, AspiredServableSnapshot[] Versions)> streams)
    {
        ServableAction? load = null;
        foreach ((string name, AspiredServableSnapshot[] versions) in streams)
        {
            if (policy.GetNextAction(versions) is not { } step)
            {
                continue;
            }

            var action = new ServableAction(step.Kind, new ServableId(name, step.Version));
            if (step.Kind == ServableActionKind.Unload)
            {
                return action;
            }

            load ??= action;
        }

        return load;
    }
}
