using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using SharpServing.Server.Services;
using SharpServing.Server.Telemetry;

namespace SharpServing.Server.Grpc;

/// <summary>
/// gRPC on Kestrel's HTTP/2, without a gRPC library. A call: (1) headers are checked, (2) the message is awaited, (3) its frame is
/// taken off and it is inflated, (4) the service runs on this thread, (5) the answer goes out with the trailers.
/// </summary>
internal sealed partial class GrpcApplication : IHttpApplication<IFeatureCollection>
{
    /// <summary>Answers beyond this wait until the client takes them. Unit: bytes.</summary>
    private const int FlushAbove = 64 << 10;

    [ThreadStatic]
    private static GrpcPredictCall? _idleCall;

    private readonly FrontEndServices _services;
    private readonly FrozenDictionary<string, GrpcMethod> _methods;
    private readonly GrpcCallLimit? _limit;
    private readonly int _maxRequest;
    private readonly int _maxAnswer;
    private readonly CancellationToken _stopping;
    private readonly ILogger<GrpcApplication> _log;

    /// <param name="services">What the methods do.</param>
    /// <param name="log">Of failures inside.</param>
    /// <param name="stopping">Ends the calls that have no end of their own.</param>
    public GrpcApplication(FrontEndServices services, ILogger<GrpcApplication> log, CancellationToken stopping)
    {
        _services = services;
        _stopping = stopping;
        _methods = GrpcMethods.Create(services);
        _limit = services.Options.GrpcMaxThreads is int threads ? new GrpcCallLimit(threads) : null;
        _maxRequest = services.Options.GrpcConnections.MaxReceiveBytes ?? services.Options.Limits.MaxGrpcMessageBytes;
        _maxAnswer = services.Options.GrpcConnections.MaxSendBytes ?? int.MaxValue;
        _log = log;
    }

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(IFeatureCollection context) => ServerTrace.IsOn ? TraceAsync(context) : DispatchAsync(context);

    private async Task TraceAsync(IFeatureCollection context)
    {
        IHttpRequestFeature request = context.GetRequiredFeature<IHttpRequestFeature>();
        string path = request.RawTarget;
        bool isKnown = path == GrpcMethods.Predict || _methods.ContainsKey(path);
        using Activity? span = ServerTrace.StartGrpc(path, isKnown, request.Headers.TraceParent, request.Headers.TraceState);
        await DispatchAsync(context);
        ServerTrace.EndGrpc(span, context.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers["grpc-status"]);
    }

    private Task DispatchAsync(IFeatureCollection context)
    {
        IHttpRequestFeature request = context.GetRequiredFeature<IHttpRequestFeature>();
        if (request.Method != "POST")
        {
            return GrpcResponse.EndAsync(context, GrpcFaults.BadMethod);
        }

        if (request.Headers.TE.ToString() != "trailers")
        {
            return GrpcResponse.EndAsync(context, GrpcFaults.MissingTe);
        }

        if (request.Headers.Host.Count == 0)
        {
            return GrpcResponse.EndAsync(context, GrpcFaults.MissingAuthority);
        }

        if (!GrpcMetadata.IsValid(request.Headers))
        {
            return GrpcResponse.EndAsync(context, GrpcFaults.BadMetadata);
        }

        string path = request.RawTarget;
        if (path == GrpcMethods.Predict)
        {
            return CallAsync(context, null);
        }

        if (_methods.TryGetValue(path, out GrpcMethod? method))
        {
            return CallAsync(context, method);
        }

        return GrpcResponse.EndAsync(context, GrpcFaults.UnknownPath);
    }

    private async Task CallAsync(IFeatureCollection context, GrpcMethod? method)
    {
        CallDeadline? deadline = null;
        CancellationToken aborted = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        if (TryReadTimeout(context, out TimeSpan left))
        {
            deadline = CallDeadline.Start(left, aborted);
        }

        try
        {
            ServingStatus status = method is GrpcStreamMethod stream
                ? await StreamAsync(context, stream, deadline?.Token ?? aborted)
                : await ReadAndRunAsync(context, (GrpcUnaryMethod?)method, deadline?.Token ?? aborted);
            if (!status.IsOk)
            {
                await GrpcResponse.EndAsync(context, deadline is { Expired: true } ? GrpcFaults.DeadlineExceeded : status);
            }
        }
        catch (OperationCanceledException)
        {
            await GrpcResponse.EndAsync(context, deadline is { Expired: true } ? GrpcFaults.DeadlineExceeded : GrpcFaults.Cancelled);
        }
        catch (Exception e) when (e is ConnectionAbortedException or ConnectionResetException)
        {
            // Nobody is left to answer.
        }
        catch (IOException e)
        {
            // Kestrel's: the client reset the stream. Methods give statuses for the errors of files.
            LogReset(e);
        }
        catch (Exception e)
        {
            LogFailure(e);
            await GrpcResponse.EndAsync(context, e is StatusException known ? known.Status : ServingStatus.Internal(e.Message));
        }
        finally
        {
            deadline?.Dispose();
        }
    }

    /// <summary>The first message of the body; what follows it is ignored, as the original does.</summary>
    private async Task<ServingStatus> ReadAndRunAsync(IFeatureCollection context, GrpcUnaryMethod? method, CancellationToken cancellation)
    {
        PipeReader body = context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
        while (true)
        {
            ReadResult result = await body.ReadAsync(cancellation);
            ReadOnlySequence<byte> buffer = result.Buffer;
            ServingStatus status = GrpcFrames.TryTake(
                context, buffer, _maxRequest, out SequencePosition? end, out ReadOnlySequence<byte> message);
            if (status.IsOk && end is null)
            {
                body.AdvanceTo(buffer.Start, buffer.End);
                if (!result.IsCompleted)
                {
                    continue;
                }

                return GrpcFaults.NoMessage;
            }

            if (!status.IsOk)
            {
                body.AdvanceTo(buffer.End);
                return status;
            }

            GrpcCallLimit? limit = method is { IsLimited: false } ? null : _limit;
            if (limit is not null && !limit.TryEnter())
            {
                body.AdvanceTo(buffer.End);
                return GrpcFaults.NoThread;
            }

            try
            {
                if (method is null)
                {
                    (status, long size) = Predict(context, message, cancellation);
                    body.AdvanceTo(buffer.End);
                    if (status.IsOk && size > FlushAbove)
                    {
                        await GrpcResponse.FlushAsync(context);
                    }

                    return status;
                }

                status = GrpcFrames.TryParse(method.Parser, message, out IMessage? request);
                body.AdvanceTo(buffer.End);
                return status.IsOk ? await RunAsync(context, method, request!, cancellation) : status;
            }
            finally
            {
                limit?.Leave();
            }
        }
    }

    private (ServingStatus Status, long Size) Predict(IFeatureCollection context, in ReadOnlySequence<byte> message, CancellationToken cancellation)
    {
        GrpcPredictCall call = _idleCall ?? new GrpcPredictCall(_services.Options.Limits.MaxTensorBytes);
        _idleCall = null;
        try
        {
            if (!call.TryRead(message))
            {
                return (GrpcFaults.Unparsable, 0);
            }

            ServerTrace.NoteModel(call.ModelName);
            long started = Stopwatch.GetTimestamp();
            long size = 0;
            ServingStatus status = call.HasModelSpec ? _services.Predict.Predict(call, cancellation) : ModelSpecFaults.Missing;
            if (status.IsOk)
            {
                (status, size) = WriteAnswer(context, call);
                if (status.IsOk)
                {
                    _services.RequestLogs?.Sample(call.ModelName)?.Add(call);
                }
            }

            _services.Metrics.CountRequest(call.ModelName, "Predict", "GRPC", status.Code, Stopwatch.GetElapsedTime(started));
            return (status, size);
        }
        finally
        {
            call.Reset();
            _idleCall = call;
        }
    }

    private (ServingStatus Status, long Size) WriteAnswer(IFeatureCollection context, GrpcPredictCall call)
    {
        foreach (Tensors.Tensor? output in call.Outputs)
        {
            if (!TensorProtoWriter.CanWrite(output!.DType))
            {
                return (ServingStatus.InvalidArgument($"Cannot send a tensor of type {Tensors.DTypes.ToName(output.DType)}"), 0);
            }
        }

        bool asContent = _services.Options.TensorContent;
        long size = PredictResponseWriter.SizeOf(call, asContent);
        if (size > int.MaxValue)
        {
            return (ServingStatus.Internal("The answer is larger than 2 GiB"), 0);
        }

        if (size > _maxAnswer)
        {
            return (GrpcFaults.AnswerTooLong(size, _maxAnswer), 0);
        }

        PredictResponseWriter.WriteFramed(GrpcResponse.Begin(context), call, asContent, size);
        GrpcResponse.Succeed(context);
        return (ServingStatus.Ok, size);
    }

    private async Task<ServingStatus> RunAsync(IFeatureCollection context, GrpcUnaryMethod method, IMessage request, CancellationToken cancellation)
    {
        (ServingStatus status, IMessage? response) = await method.Handler(request, cancellation);
        if (status.IsOk && response!.CalculateSize() is int size && size > _maxAnswer)
        {
            return GrpcFaults.AnswerTooLong(size, _maxAnswer);
        }

        if (status.IsOk)
        {
            GrpcFrames.Write(GrpcResponse.Begin(context), response!);
            GrpcResponse.Succeed(context);
            await GrpcResponse.FlushAsync(context);
        }

        return status;
    }

    /// <summary>For all messages of the call.</summary>
    private async Task<ServingStatus> StreamAsync(IFeatureCollection context, GrpcStreamMethod method, CancellationToken cancellation)
    {
        GrpcCallLimit? limit = method.IsLimited ? _limit : null;
        if (limit is not null && !limit.TryEnter())
        {
            return GrpcFaults.NoThread;
        }

        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stopping);
            var stream = new GrpcStream(context, method.Parser, _maxRequest);
            ServingStatus status = await method.Handler(stream, ending.Token);
            if (status.IsOk)
            {
                await GrpcResponse.EndAsync(context, status);
            }

            return status;
        }
        finally
        {
            limit?.Leave();
        }
    }

    private static bool TryReadTimeout(IFeatureCollection context, out TimeSpan left)
    {
        left = default;
        StringValues timeout = context.GetRequiredFeature<IHttpRequestFeature>().Headers.GrpcTimeout;
        return timeout.Count == 1 && GrpcTimeout.TryParse(timeout[0], out left);
    }

    [LoggerMessage(LogLevel.Debug, "A client reset its call")]
    private partial void LogReset(Exception exception);

    [LoggerMessage(LogLevel.Error, "A gRPC call failed inside the server")]
    private partial void LogFailure(Exception exception);
}
