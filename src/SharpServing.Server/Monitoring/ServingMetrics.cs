using System.Diagnostics.Metrics;

namespace SharpServing.Server.Monitoring;

/// <summary>
/// What the server counts, with TensorFlow Serving's names, labels and ranges; a new metric is a field, a line in <see cref="All"/> and a
/// method. Thread-safe. Times are in microseconds.
/// </summary>
public sealed class ServingMetrics
{
    private const string Serving = "/tensorflow/serving/";
    private const string Batching = Serving + "batching_session/";
    private const string SavedModel = "/tensorflow/cc/saved_model/";
    private const string Runtime = "TF1";

    private readonly Counter _loadAttempts = new(SavedModel + "load_attempt_count", "model_path", "status");
    private readonly Counter _loadLatency = new(SavedModel + "load_latency", "model_path");
    private readonly Counter _graphRuns = new("/tensorflow/core/graph_runs");
    private readonly Counter _graphRunTime = new("/tensorflow/core/graph_run_time_usecs");
    private readonly Histogram _warmupLatency = Latency("model_warmup_latency", "model_path", "status");
    private readonly Counter _warmupRecords = new(Serving + "model_warmup_records_read", "model_path", "status");
    private readonly Counter _requestLogs = new(Serving + "request_log_count", "model_name", "status_code");
    private readonly Counter _requests = new(Serving + "request_count", "model_name", "status");
    private readonly Counter _exampleTotal = new(Serving + "request_example_count_total", "model");
    private readonly Histogram _examples = new(Serving + "request_example_counts", 1, 2, 15, "model");
    private readonly Histogram _requestLatency = Latency("request_latency", "model_name", "API", "entrypoint");
    private readonly Histogram _runtimeLatency = Latency("runtime_latency", "model_name", "API", "runtime");
    private readonly Gauge _mlMetadata = new(Serving + "mlmd_map", "model_name", "version");
    private readonly Histogram _queuingLatency = new(Batching + "queuing_latency", 100, 1.2, 52, "thread_pool_name");
    private readonly Counter _batches = new(Batching + "wrapped_run_count");
    private readonly Histogram _padding = new(Batching + "padding_size", 1, 2, 14, "execution_batch_size");
    private readonly Histogram _inputSizes = new(Batching + "input_batch_size", 1, 2, 14);
    private readonly Histogram _batchSizes = new(Batching + "processed_batch_size", 1, 2, 14);
    private readonly IMetric[] _all;

    public ServingMetrics()
    {
        _all =
        [
            _loadAttempts, _loadLatency, _graphRunTime, _graphRuns, _warmupLatency, _warmupRecords, _requests, _requestLogs, _exampleTotal, _examples,
            _requestLatency, _runtimeLatency, _mlMetadata, _queuingLatency, _batches, _padding, _inputSizes, _batchSizes,
        ];
        Array.Sort(_all, static (left, right) => string.CompareOrdinal(left.Name, right.Name));
    }

    /// <summary>By name.</summary>
    internal IReadOnlyList<IMetric> All => _all;

    /// <summary>Of the metric's first cell; 0 when there is no such metric.</summary>
    internal long FirstValueOf(string name) => Array.Find(_all, metric => metric.Name == name)?.FirstValue() ?? 0;

    /// <summary>Makes all of them readable through a meter.</summary>
    internal void AddTo(Meter meter)
    {
        foreach (IMetric metric in _all)
        {
            metric.AddTo(meter);
        }
    }

    /// <summary>A request that a front end answered.</summary>
    /// <param name="model">As named by the client; empty: none.</param>
    /// <param name="api">As the original labels it: <c>Predict</c> over gRPC, <c>predict</c> over REST, empty for a GET.</param>
    /// <param name="entryPoint"><c>GRPC</c> or <c>REST</c>.</param>
    internal void CountRequest(string model, string api, string entryPoint, StatusCode status, TimeSpan elapsed)
    {
        _requests.Add(new LabelValues(model, status.ToName()));
        if (status == StatusCode.Ok)
        {
            _requestLatency.Add(new LabelValues(model, api, entryPoint), elapsed.TotalMicroseconds);
        }
    }

    /// <summary>A request for a request log.</summary>
    /// <param name="status">OK: written; RESOURCE_EXHAUSTED: dropped, the queue was full; UNAVAILABLE: the file could not be written.</param>
    internal void CountRequestLog(string model, StatusCode status) => _requestLogs.Add(new LabelValues(model, status.ToName()));

    /// <summary>A successful run of a signature.</summary>
    internal void CountRun(string model, string api, TimeSpan elapsed)
    {
        _runtimeLatency.Add(new LabelValues(model, api, Runtime), elapsed.TotalMicroseconds);
        CountGraphRun(elapsed);
    }

    /// <summary>A successful run that no API label stands for (MultiInference).</summary>
    internal void CountGraphRun(TimeSpan elapsed)
    {
        _graphRuns.Add(default);
        _graphRunTime.Add(default, (long)elapsed.TotalMicroseconds);
    }

    internal void CountExamples(string model, long examples)
    {
        _exampleTotal.Add(new LabelValues(model), examples);
        _examples.Add(new LabelValues(model), examples);
    }

    internal void CountLoad(string path, ServingStatus status, TimeSpan elapsed)
    {
        _loadAttempts.Add(new LabelValues(path, status.IsOk ? "success" : "fail"));
        if (status.IsOk)
        {
            _loadLatency.Add(new LabelValues(path), (long)elapsed.TotalMicroseconds);
        }
    }

    /// <summary>A version that has a key in ML Metadata. The gauge is of a text, and the page shows texts as 0.</summary>
    internal void CountMlMetadata(string model, long version) =>
        _mlMetadata.Set(new LabelValues(model, version.ToString(System.Globalization.CultureInfo.InvariantCulture)), 0);

    /// <summary>A warm-up that began to read its file.</summary>
    internal void CountWarmup(string path, ServingStatus status, long records, TimeSpan elapsed)
    {
        var labels = new LabelValues(path, status.ToString());
        _warmupLatency.Add(labels, elapsed.TotalMicroseconds);
        _warmupRecords.Add(labels, records);
    }

    /// <summary>One input tensor of a run that asks for a batch.</summary>
    internal void CountInput(int rows) => _inputSizes.Add(default, rows);

    /// <summary>A run, or a piece of one, whose batch begins. The original has no name of the thread pool here.</summary>
    internal void CountQueued(TimeSpan waited) => _queuingLatency.Add(new LabelValues(""), waited.TotalMicroseconds);

    internal void CountBatchedRun() => _batches.Add(default);

    /// <summary>A batch that is put together.</summary>
    /// <param name="rows">With padding.</param>
    internal void CountBatch(int rows, int padding)
    {
        _batchSizes.Add(default, rows);
        _padding.Add(new LabelValues(rows.ToString(System.Globalization.CultureInfo.InvariantCulture)), padding);
    }

    private static Histogram Latency(string name, params string[] labels) => new(Serving + name, 10, 1.8, 33, labels);
}
