using SharpServing.Batching;
using SharpServing.Server.Configuration;
using SharpServing.Server.Logging;
using SharpServing.Server.Monitoring;
using SharpServing.Server.Services;
using SharpServing.Serving;
using Tensorflow.Serving;

namespace SharpServing.Server.Batching;

/// <summary>
/// Batching for the models of a server: one set of threads, and the parameters of all models or, where each brings its own, of none.
/// </summary>
internal sealed class ModelBatching : IDisposable
{
    private const string ParametersFile = "batching_params.pbtxt";

    private readonly SharedBatchScheduler<BatchedRun> _scheduler;
    private readonly BatchingParameters? _parameters;
    private readonly ServingMetrics _metrics;
    private readonly ServerLog _log;

    /// <param name="parameters">Of the flags or the platform.</param>
    /// <param name="isPerModel">Each version's own file counts, and of <paramref name="parameters"/> only the threads.</param>
    public ModelBatching(BatchingParameters parameters, bool isPerModel, TimeProvider time, ServingMetrics metrics, ServerLog log)
    {
        long threads = parameters.NumBatchThreads ?? Environment.ProcessorCount;
        string name = string.IsNullOrEmpty(parameters.ThreadPoolName) ? "batch_threads" : parameters.ThreadPoolName;
        _scheduler = new SharedBatchScheduler<BatchedRun>((int)Math.Clamp(threads, 1, 1024), name, time);
        _parameters = isPerModel ? null : parameters;
        _metrics = metrics;
        _log = log;
    }

    /// <summary>Has the runs of a loaded version wait for others.</summary>
    /// <param name="servable">Becomes the result's, or stays the caller's when the status is not OK.</param>
    /// <param name="local">The version's directory.</param>
    /// <param name="result">The same servable where it is not batched.</param>
    /// <returns>INVALID_ARGUMENT for parameters that cannot be.</returns>
    public ServingStatus TryApply(SavedModelServable servable, string local, out SavedModelServable result)
    {
        result = servable;
        BatchingParameters? parameters = _parameters;
        if (parameters is null)
        {
            string file = StoragePath.Join(local, ParametersFile);
            if (!Path.Exists(file))
            {
                return ServingStatus.Ok;
            }

            parameters = new BatchingParameters();
            ServingStatus read = TextProtoFile.Read(file, parameters, _log);
            if (!read.IsOk)
            {
                return read;
            }
        }

        ServingStatus status = BatchingSettings.TryMake(parameters, out BatchingSettings? settings);
        if (status.IsOk)
        {
            result = new SavedModelServable(servable.MetaGraph, new BatchingSession(servable.Session, _scheduler, settings!, _metrics));
        }

        return status;
    }

    /// <summary>All models are unloaded.</summary>
    public void Dispose() => _scheduler.Dispose();
}
