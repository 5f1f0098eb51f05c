namespace SharpServing.Serving;

/// <summary>Picks the loader factory of a model by its platform.</summary>
internal sealed class PlatformLoaders : ILoaderFactory
{
    private volatile IReadOnlyDictionary<string, ILoaderFactory> _routes = new Dictionary<string, ILoaderFactory>();

    /// <summary>Model name → factory; replaced by each configuration, before the source hears of it.</summary>
    public IReadOnlyDictionary<string, ILoaderFactory> Routes
    {
        get => _routes;
        set => _routes = value;
    }

    public ILoader Create(ServableId id, string path) => _routes[id.Name].Create(id, path);
}
