using System.Buffers;
using System.Diagnostics;
using Google.Protobuf;
using SharpServing.SavedModel;
using SharpServing.Server.Grpc;
using SharpServing.Server.Hosting;
using SharpServing.Server.Logging;
using SharpServing.Server.Monitoring;
using SharpServing.Server.Services;
using SharpServing.Server.Services.Inference;
using SharpServing.Serving;
using Tensorflow.Serving;

namespace SharpServing.Server.Startup;

/// <summary>
/// Replays the requests that a model carries (<c>assets.extra/tf_serving_warmup_requests</c>, records of PredictionLog) before its version
/// becomes available. A record that fails, fails the load. Source: servables/tensorflow/saved_model_warmup_util.cc.
/// </summary>
internal sealed class ModelWarmup
{
    private const string FileName = "assets.extra/tf_serving_warmup_requests";
    private const int MaxRecords = 1000;

    private readonly PredictRunner _predict;
    private readonly InferenceRunner _inference;
    private readonly int _iterations;
    private readonly ServingMetrics _metrics;
    private readonly ServerLog _log;

    /// <param name="checkMethodNames">As for requests.</param>
    /// <param name="iterations">How often each record is replayed; below 1: once.</param>
    public ModelWarmup(bool checkMethodNames, int iterations, ServingMetrics metrics, ServerLog log)
    {
        _predict = new PredictRunner(checkMethodNames, metrics);
        _inference = new InferenceRunner(checkMethodNames, metrics);
        _iterations = Math.Max(iterations, 1);
        _metrics = metrics;
        _log = log;
    }

    /// <param name="path">Of the version, as configured.</param>
    /// <param name="local">The same as a path of this machine.</param>
    public ServingStatus Run(SavedModelServable servable, string path, string local, CancellationToken cancellation)
    {
        string shown = StoragePath.Join(path, FileName);
        string file = StoragePath.Join(local, FileName);
        if (!Path.Exists(file))
        {
            _log.NoWarmup(shown);
            return ServingStatus.Ok;
        }

        _log.WarmupStarted(shown);
        long started = Stopwatch.GetTimestamp();
        ServingStatus status = ReplayAll(servable, file, shown, cancellation, out long records);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        _metrics.CountWarmup(path, status, records, elapsed);
        if (status.IsOk)
        {
            _log.WarmupEnded(shown, records, (long)elapsed.TotalMicroseconds);
        }

        return status;
    }

    private ServingStatus ReplayAll(SavedModelServable servable, string file, string shown, CancellationToken cancellation, out long records)
    {
        records = 0;
        try
        {
            foreach (byte[] record in TfRecords.Read(file))
            {
                ServingStatus status = ReplayRecord(servable, record, shown, cancellation);
                if (!status.IsOk)
                {
                    return status;
                }

                if (++records > MaxRecords)
                {
                    return ServingStatus.InvalidArgument($"Number of warmup records exceeds the maximum ({MaxRecords}) at {shown}");
                }
            }

            return ServingStatus.Ok;
        }
        catch (StatusException exception) when (exception.Status.Code == StatusCode.DataLoss)
        {
            return new ServingStatus(StatusCode.DataLoss, $"{exception.Status.Message}. Please verify your warmup data is in TFRecord format.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return FileErrors.ToStatus(exception, file);
        }
    }

    private ServingStatus ReplayRecord(SavedModelServable servable, byte[] record, string shown, CancellationToken cancellation)
    {
        PredictionLog log;
        try
        {
            log = PredictionLog.Parser.ParseFrom(record);
        }
        catch (Exception exception) when (ProtobufFaults.IsMalformed(exception))
        {
            return ServingStatus.InvalidArgument($"Failed to parse warmup record: {StatusText.FromBytes(record)} from {shown}");
        }

        for (int i = 0; i < _iterations; i++)
        {
            ServingStatus status = Replay(servable, log, cancellation);
            if (!status.IsOk)
            {
                return status;
            }
        }

        return ServingStatus.Ok;
    }

    private ServingStatus Replay(SavedModelServable servable, PredictionLog log, CancellationToken cancellation)
    {
        switch (log.LogTypeCase)
        {
            case PredictionLog.LogTypeOneofCase.None:
                return ServingStatus.Ok;
            case PredictionLog.LogTypeOneofCase.ClassifyLog:
                ClassificationRequest classify = log.ClassifyLog.Request ?? new ClassificationRequest();
                return _inference.Run(servable, 0, ClassifyMethod.Instance, classify.ModelSpec, classify.Input, cancellation, out _);
            case PredictionLog.LogTypeOneofCase.RegressLog:
                RegressionRequest regress = log.RegressLog.Request ?? new RegressionRequest();
                return _inference.Run(servable, 0, RegressMethod.Instance, regress.ModelSpec, regress.Input, cancellation, out _);
            case PredictionLog.LogTypeOneofCase.MultiInferenceLog:
                return _inference.Run(servable, 0, log.MultiInferenceLog.Request ?? new MultiInferenceRequest(), cancellation, out _);
            case PredictionLog.LogTypeOneofCase.PredictLog:
                return Predict(servable, log.PredictLog.Request ?? new PredictRequest(), cancellation);
            default:
                return ServingStatus.Unimplemented($"Unsupported log_type for warmup: {(int)log.LogTypeCase}");
        }
    }

    private ServingStatus Predict(SavedModelServable servable, PredictRequest request, CancellationToken cancellation)
    {
        var call = new GrpcPredictCall(new ServerLimits().MaxTensorBytes);
        try
        {
            return call.TryRead(new ReadOnlySequence<byte>(request.ToByteArray()))
                ? _predict.Run(call, servable, 0, cancellation)
                : GrpcFaults.Unparsable;
        }
        finally
        {
            call.Reset();
        }
    }
}
