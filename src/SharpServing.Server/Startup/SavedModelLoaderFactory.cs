using SharpServing.Serving;

namespace SharpServing.Server.Startup;

/// <summary>Platform <c>tensorflow</c>: a version directory is a SavedModel.</summary>
internal sealed class SavedModelLoaderFactory : ILoaderFactory
{
    private readonly SavedModelLoaderOptions _options;
    private readonly string[] _tags;

    public SavedModelLoaderFactory(SavedModelLoaderOptions options)
    {
        _options = options;
        _tags = options.Tags.Length == 0 ? ["serve"] : options.Tags.Split(',');
        Array.Sort(_tags, string.CompareOrdinal);
    }

    public ILoader Create(ServableId id, string path) => new SavedModelLoader(id, path, _tags, _options);
}
