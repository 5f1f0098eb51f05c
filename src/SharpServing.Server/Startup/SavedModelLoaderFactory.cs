using SharpServing.Server.Batching;
using SharpServing.Server.Logging;
using SharpServing.Server.Monitoring;
using SharpServing.Serving;

namespace SharpServing.Server.Startup;

/// <summary>Platform <c>tensorflow</c>: a version directory is a SavedModel.</summary>
internal sealed class SavedModelLoaderFactory : ILoaderFactory
{
    private readonly SavedModelOpener _open;
    private readonly string[] _tags;
    private readonly ModelWarmup? _warmup;
    private readonly ModelBatching? _batching;
    private readonly ServingMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ServerLog _log;

    /// <param name="open">What reads a SavedModel.</param>
    /// <param name="tags">Comma list of tags; empty means <c>serve</c>.</param>
    /// <param name="warmup">Replays warm-up files; null: they are not looked for.</param>
    /// <param name="batching">Has runs wait for others; null: each runs alone.</param>
    /// <param name="metrics">Counts the loads.</param>
    /// <param name="time">Clock of the load times in the log.</param>
    /// <param name="log">Where the lines go.</param>
    public SavedModelLoaderFactory(SavedModelOpener open, string tags, ModelWarmup? warmup, ModelBatching? batching, ServingMetrics metrics, TimeProvider time, ServerLog log)
    {
        _open = open;
        _tags = tags.Length == 0 ? ["serve"] : tags.Split(',');
        Array.Sort(_tags, string.CompareOrdinal);
        _warmup = warmup;
        _batching = batching;
        _metrics = metrics;
        _time = time;
        _log = log;
    }

    public ILoader Create(ServableId id, string path) => new SavedModelLoader(id, path, _tags, _open, _warmup, _batching, _metrics, _time, _log);
}
