namespace SharpServing.Serving;

/// <summary>Label → version of every model, immutable; replaced as a whole by each configuration.</summary>
internal sealed class VersionLabels
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, long>> _models = [];

    private VersionLabels()
    {
    }

    public static VersionLabels From(IReadOnlyList<ServedModelConfig> models)
    {
        var labels = new VersionLabels();
        foreach (ServedModelConfig model in models)
        {
            labels._models[model.Name] = model.VersionLabels;
        }

        return labels;
    }

    public bool TryGet(string model, string label, out long version)
    {
        version = 0;
        return _models.TryGetValue(model, out IReadOnlyDictionary<string, long>? labels) && labels.TryGetValue(label, out version);
    }
}
