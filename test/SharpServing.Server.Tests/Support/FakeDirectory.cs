using SharpServing.Server.Services;
using SharpServing.Serving;

namespace SharpServing.Server.Tests.Support;

/// <summary>Models that are simply there. Texts as the manager's.</summary>
internal sealed class FakeDirectory : IServableDirectory
{
    private readonly Dictionary<string, SortedDictionary<long, SavedModelServable>> _models = [];

    public IReadOnlyList<string> ConfiguredModels => [.. _models.Keys];

    public FakeDirectory With(string name, long version, SavedModelServable servable)
    {
        if (!_models.TryGetValue(name, out SortedDictionary<long, SavedModelServable>? versions))
        {
            _models[name] = versions = [];
        }

        versions[version] = servable;
        return this;
    }

    public ServingStatus TryAcquire(string name, long? version, string? label, out ServableHandle handle)
    {
        handle = default;
        if (label is not null)
        {
            return ServingStatus.InvalidArgument($"Unrecognized servable version label: {label}");
        }

        if (!_models.TryGetValue(name, out SortedDictionary<long, SavedModelServable>? versions) || (version is long v && !versions.ContainsKey(v)))
        {
            return ServingStatus.NotFound(version is null
                ? $"Servable not found for request: Latest({name})"
                : $"Servable not found for request: Specific({name}, {version})");
        }

        long served = version ?? versions.Keys.Last();
        handle = new ServableHandle(new Lease(new ServableId(name, served), versions[served]));
        return ServingStatus.Ok;
    }

    public IReadOnlyList<ServableState> GetStates(string name) =>
        _models.TryGetValue(name, out SortedDictionary<long, SavedModelServable>? versions)
            ? [.. versions.Keys.Reverse().Select(v => new ServableState(new ServableId(name, v), ManagerState.Available, ServingStatus.Ok))]
            : [];

    private sealed record Lease(ServableId Id, object Servable) : IServableLease
    {
        public void Release()
        {
        }
    }
}
