namespace SharpServing.Serving;

/// <summary>Pure rules of directory polling: from the names under a base path to the aspired versions.</summary>
public static class VersionSelection
{
    /// <summary>Applies a policy to the children of a base path.</summary>
    /// <param name="servable">Name, base path and policy.</param>
    /// <param name="children">Names directly under the base path, any order; files count too.</param>
    /// <param name="warn">Receives the texts of warnings.</param>
    public static IReadOnlyList<AspiredVersion> Select(MonitoredServable servable, IReadOnlyList<string> children, Action<string> warn)
    {
        var found = new List<(long Version, string Name)>();
        var byVersion = new SortedDictionary<long, string>();
        var sorted = new List<string>(children);
        sorted.Sort(CompareUtf8);
        foreach (string name in sorted)
        {
            if (!VersionName.TryParse(name, out long version))
            {
                continue;
            }

            if (byVersion.TryGetValue(version, out string? earlier))
            {
                warn($"Duplicate version directories detected. Version {version} will be loaded from {name}, {earlier} will be ignored.");
            }

            byVersion[version] = name;
            found.Add((version, name));
        }

        var aspired = new List<AspiredVersion>();
        switch (servable.Policy)
        {
            case ServableVersionPolicy.All:
                // Both of two names with one number are aspired; the manager keeps the first.
                foreach ((long version, string name) in found)
                {
                    aspired.Add(new AspiredVersion(version, StoragePath.Join(servable.BasePath, name)));
                }

                break;

            case ServableVersionPolicy.Specific specific:
                foreach (long version in specific.Versions)
                {
                    if (byVersion.TryGetValue(version, out string? name))
                    {
                        aspired.Add(new AspiredVersion(version, StoragePath.Join(servable.BasePath, name)));
                    }
                    else
                    {
                        warn($"Version {version} of servable {servable.Name}, which was requested to be served as a 'specific' version in the servable's version policy, was not found in the file system");
                    }
                }

                break;

            case ServableVersionPolicy.Latest latest:
                long wanted = latest.Count == 0 ? 1 : latest.Count;
                var versions = new List<long>(byVersion.Keys);
                for (int i = versions.Count - 1; i >= 0 && aspired.Count < wanted; i--)
                {
                    aspired.Add(new AspiredVersion(versions[i], StoragePath.Join(servable.BasePath, byVersion[versions[i]])));
                }

                break;
        }

        if (aspired.Count == 0)
        {
            warn($"No versions of servable {servable.Name} found under base path {servable.BasePath}. Did you forget to name your leaf directory as a number (eg. '/1/')?");
        }

        return aspired;
    }

    // Byte order, as the original sorts; UTF-16 order differs above U+D7FF.
    private static int CompareUtf8(string left, string right)
    {
        int common = Math.Min(left.Length, right.Length);
        for (int i = 0; i < common; i++)
        {
            if (left[i] != right[i])
            {
                char a = left[i], b = right[i];
                return char.IsSurrogate(a) != char.IsSurrogate(b) ? (char.IsSurrogate(a) ? 1 : -1) : a.CompareTo(b);
            }
        }

        return left.Length.CompareTo(right.Length);
    }
}
