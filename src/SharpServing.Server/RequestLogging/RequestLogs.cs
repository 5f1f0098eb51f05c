using System.Collections.Frozen;
using SharpServing.Server.Logging;
using SharpServing.Server.Monitoring;
using SharpServing.Serving;

namespace SharpServing.Server.RequestLogging;

/// <summary>
/// The request logs of all models. A request reads one snapshot, which is null while no model has a log. Models with the same prefix share a sink.
/// </summary>
public sealed class RequestLogs : IAsyncDisposable
{
    /// <summary>The one kind of collector. The original's open build has none, and refuses every name with this text.</summary>
    public const string TfRecord = "tfrecord";

    private static readonly ServingStatus NoCollector = ServingStatus.InvalidArgument("No request-logger-creator provided.");

    private readonly RequestLogLimits _limits;
    private readonly string[] _tags;
    private readonly ServingMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ServerLog _log;
    private readonly List<Task> _closing = [];
    private volatile FrozenDictionary<string, RequestLog>? _byModel;

    /// <param name="limits">For each prefix.</param>
    /// <param name="tags">Tag set that models are loaded with.</param>
    internal RequestLogs(RequestLogLimits limits, IEnumerable<string> tags, ServingMetrics metrics, TimeProvider time, ServerLog log)
    {
        _limits = limits;
        _tags = [.. tags];
        _metrics = metrics;
        _time = time;
        _log = log;
    }

    /// <summary>The log that this request of a model is to be written to; null: none. No allocation.</summary>
    internal RequestLog? Sample(string model)
    {
        FrozenDictionary<string, RequestLog>? logs = _byModel;
        return logs is null ? null : Find(logs, model);
    }

    /// <summary>Makes the logs of these models the ones that are written. One call at a time.</summary>
    /// <returns>INVALID_ARGUMENT, or the file's error: then the logs stay as they are.</returns>
    public ServingStatus Apply(IReadOnlyList<ServedModelConfig> models)
    {
        foreach (ServedModelConfig model in models)
        {
            ServingStatus status = model.RequestLog is { } config ? Check(model.Name, config) : ServingStatus.Ok;
            if (!status.IsOk)
            {
                return status;
            }
        }

        var sinks = new Dictionary<string, RequestLogSink>(StringComparer.Ordinal);
        foreach (RequestLog log in _byModel?.Values ?? [])
        {
            sinks[log.Sink.Prefix] = log.Sink;
        }

        var used = new HashSet<string>(StringComparer.Ordinal);
        var logs = new Dictionary<string, RequestLog>(StringComparer.Ordinal);
        foreach (ServedModelConfig model in models)
        {
            if (model.RequestLog is not { } config)
            {
                continue;
            }

            if (!sinks.TryGetValue(config.FilenamePrefix, out RequestLogSink? sink))
            {
                sinks[config.FilenamePrefix] = sink = new RequestLogSink(config.FilenamePrefix, _limits, _metrics, _log);
            }

            used.Add(config.FilenamePrefix);
            logs[model.Name] = new RequestLog(model.Name, config.SamplingRate, _tags, sink, _time);
        }

        _byModel = logs.Count > 0 ? logs.ToFrozenDictionary(StringComparer.Ordinal) : null;
        Close(sinks.Values.Where(sink => !used.Contains(sink.Prefix)));
        return ServingStatus.Ok;
    }

    /// <summary>Writes what waits and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        RequestLogSink[] sinks = [.. (_byModel?.Values ?? []).Select(static log => log.Sink).Distinct()];
        _byModel = null;
        Close(sinks);
        await Task.WhenAll(_closing);
    }

    private static RequestLog? Find(FrozenDictionary<string, RequestLog> logs, string model) =>
        logs.TryGetValue(model, out RequestLog? log) && log.IsSampled() ? log : null;

    private static ServingStatus Check(string model, RequestLogConfig config)
    {
        if (config.CollectorType != TfRecord || config.HasCustomConfig)
        {
            return NoCollector;
        }

        if (!Path.IsPathFullyQualified(config.FilenamePrefix) || Path.GetFileName(config.FilenamePrefix).Length == 0)
        {
            return ServingStatus.InvalidArgument(
                $"Expected the request log of model {model} to have an absolute path that ends in the beginning of a file name; got filename_prefix={config.FilenamePrefix}");
        }

        string folder = Path.GetDirectoryName(config.FilenamePrefix)!;
        try
        {
            Directory.CreateDirectory(folder);
            return ServingStatus.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return FileErrors.ToStatus(e, folder);
        }
    }

    private void Close(IEnumerable<RequestLogSink> sinks)
    {
        _closing.RemoveAll(static task => task.IsCompleted);
        foreach (RequestLogSink sink in sinks)
        {
            _closing.Add(sink.DisposeAsync().AsTask());
        }
    }
}
