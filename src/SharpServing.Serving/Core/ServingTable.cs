namespace SharpServing.Serving;

/// <summary>
/// What requests read: name → loaded versions, immutable. Replaced as a whole; a request takes a counted lease on one entry.
/// </summary>
internal sealed class ServingTable
{
    private readonly Dictionary<string, ServableLease[]> _streams;
    private readonly DrainCounter _inUse;

    /// <param name="loaded">Loaded versions, any order.</param>
    public ServingTable(IReadOnlyCollection<(ServableId Id, object Servable)> loaded)
    {
        _inUse = new DrainCounter(loaded.Count);
        var streams = new Dictionary<string, List<ServableLease>>();
        foreach ((ServableId id, object servable) in loaded)
        {
            if (!streams.TryGetValue(id.Name, out List<ServableLease>? versions))
            {
                streams.Add(id.Name, versions = []);
            }

            versions.Add(new ServableLease(id, servable, _inUse));
        }

        _streams = new Dictionary<string, ServableLease[]>(streams.Count);
        foreach ((string name, List<ServableLease> versions) in streams)
        {
            versions.Sort(static (left, right) => right.Id.Version.CompareTo(left.Id.Version));
            _streams.Add(name, versions.ToArray());
        }
    }

    /// <summary>The entry of a version, or of the highest one.</summary>
    public ServableLease? Find(string name, long? version)
    {
        if (!_streams.TryGetValue(name, out ServableLease[]? versions))
        {
            return null;
        }

        if (version is not { } wanted)
        {
            return versions[0];
        }

        foreach (ServableLease lease in versions)
        {
            if (lease.Id.Version == wanted)
            {
                return lease;
            }
        }

        return null;
    }

    /// <summary>Whether the version is loaded.</summary>
    public bool Contains(ServableId id) => Find(id.Name, id.Version) is not null;

    /// <summary>Gives up the table's own references and waits, without limit, until no request holds an entry of it.</summary>
    public void RetireAndWait()
    {
        foreach (ServableLease[] versions in _streams.Values)
        {
            foreach (ServableLease lease in versions)
            {
                lease.Release();
            }
        }

        _inUse.Wait();
    }
}
