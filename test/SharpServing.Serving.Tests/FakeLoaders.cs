using System.Collections.Concurrent;

namespace SharpServing.Serving.Tests;

/// <summary>Loaders whose outcome the test decides by version; counts what is alive.</summary>
internal sealed class FakeLoaders : ILoaderFactory
{
    public ConcurrentDictionary<ServableId, Func<int, ServingStatus>> Outcomes { get; } = new();

    public ConcurrentDictionary<ServableId, int> Attempts { get; } = new();

    public ConcurrentDictionary<ServableId, FakeServable> Alive { get; } = new();

    public long Bytes { get; set; } = 1;

    public ILoader Create(ServableId id, string path) => new Loader(this, id);

    private sealed class Loader(FakeLoaders owner, ServableId id) : ILoader
    {
        private FakeServable? _servable;

        public object Servable => _servable ?? throw new InvalidOperationException("asked for a servable that is not loaded");

        public ServingStatus TryEstimateRam(out long bytes)
        {
            bytes = owner.Bytes;
            return ServingStatus.Ok;
        }

        public ServingStatus Load(CancellationToken cancellation)
        {
            int attempt = owner.Attempts.AddOrUpdate(id, 1, (_, before) => before + 1);
            ServingStatus status = owner.Outcomes.TryGetValue(id, out Func<int, ServingStatus>? outcome) ? outcome(attempt) : ServingStatus.Ok;
            if (status.IsOk)
            {
                _servable = new FakeServable(id.Version);
                owner.Alive[id] = _servable;
            }

            return status;
        }

        public void Unload()
        {
            _servable!.Free();
            owner.Alive.TryRemove(id, out _);
            _servable = null;
        }
    }
}

/// <summary>Answers with its version while it is loaded, throws afterwards.</summary>
internal sealed class FakeServable(long version)
{
    private volatile bool _freed;

    public void Free() => _freed = true;

    public long Answer() => _freed ? throw new InvalidOperationException($"version {version} was used after its unload") : version;
}
