using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Diagnostics;
using System.IO.Pipelines;
using Google.Protobuf;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using SharpServing.Server.Services;

namespace SharpServing.Server.Grpc;

/// <summary>
/// gRPC on Kestrel's HTTP/2, without a gRPC library. A call: (1) headers are checked, (2) the message is awaited, (3) its frame is
/// taken off and it is inflated, (4) the service runs on this thread, (5) the answer goes out with the trailers.
/// </summary>
internal sealed partial class GrpcApplication : IHttpApplication<IFeatureCollection>
{
    private const int FrameHead = 5;
    private const string ContentType = "application/grpc";

    /// <summary>Answers beyond this wait until the client takes them. Unit: bytes.</summary>
    private const int FlushAbove = 64 << 10;

    private static readonly string[] StatusNumbers = [.. Enumerable.Range(0, 17).Select(static n => n.ToString(System.Globalization.CultureInfo.InvariantCulture))];
    private static readonly StringValues AcceptEncoding = "identity, deflate, gzip";

    [ThreadStatic]
    private static GrpcPredictCall? _idleCall;

    private readonly FrontEndServices _services;
    private readonly FrozenDictionary<string, GrpcMethod> _methods;
    private readonly ILogger<GrpcApplication> _log;

    public GrpcApplication(FrontEndServices services, ILogger<GrpcApplication> log)
    {
        _services = services;
        _methods = GrpcMethods.Create(services);
        _log = log;
    }

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(IFeatureCollection context)
    {
        IHttpRequestFeature request = context.GetRequiredFeature<IHttpRequestFeature>();
        if (request.Method != "POST")
        {
            return FailAsync(context, GrpcFaults.BadMethod);
        }

        if (request.Headers.TE.ToString() != "trailers")
        {
            return FailAsync(context, GrpcFaults.MissingTe);
        }

        if (request.Headers.Host.Count == 0)
        {
            return FailAsync(context, GrpcFaults.MissingAuthority);
        }

        if (!GrpcMetadata.IsValid(request.Headers))
        {
            return FailAsync(context, GrpcFaults.BadMetadata);
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

        return path == GrpcMethods.HealthWatch && _services.Options.HealthService ? WatchAsync(context) : FailAsync(context, GrpcFaults.UnknownPath);
    }

    /// <summary>
    /// Headers, then the status as trailers. One frame with both would do, but Kestrel would add a date and a length to it, which
    /// clients then show as the call's trailing metadata.
    /// </summary>
    private static async Task FailAsync(IFeatureCollection context, ServingStatus status)
    {
        IHttpResponseFeature response = context.GetRequiredFeature<IHttpResponseFeature>();
        if (!response.HasStarted)
        {
            response.Headers.ContentType = ContentType;
            await context.GetRequiredFeature<IHttpResponseBodyFeature>().StartAsync(CancellationToken.None);
        }

        IHeaderDictionary trailers = context.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
        trailers["grpc-status"] = StatusNumbers[(int)status.Code];
        if (status.Message.Length > 0)
        {
            trailers["grpc-message"] = GrpcMessageText.Encode(status.Message);
        }
    }

    private static PipeWriter Succeed(IFeatureCollection context)
    {
        IHeaderDictionary headers = context.GetRequiredFeature<IHttpResponseFeature>().Headers;
        headers.ContentType = ContentType;
        headers["grpc-accept-encoding"] = AcceptEncoding;
        return context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
    }

    private static void WriteTrailers(IFeatureCollection context) =>
        context.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers["grpc-status"] = StatusNumbers[0];

    private static void WriteFramed(PipeWriter output, IMessage message)
    {
        Span<byte> head = output.GetSpan(FrameHead);
        head[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(head[1..], (uint)message.CalculateSize());
        output.Advance(FrameHead);
        message.WriteTo(output);
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
            ServingStatus status = await ReadAndRunAsync(context, method, deadline?.Token ?? aborted);
            if (!status.IsOk)
            {
                await FailAsync(context, deadline is { Expired: true } ? GrpcFaults.DeadlineExceeded : status);
            }
        }
        catch (OperationCanceledException)
        {
            await FailAsync(context, deadline is { Expired: true } ? GrpcFaults.DeadlineExceeded : GrpcFaults.Cancelled);
        }
        catch (Exception e) when (e is ConnectionAbortedException or ConnectionResetException)
        {
            // Nobody is left to answer.
        }
        catch (Exception e)
        {
            LogFailure(e);
            await FailAsync(context, e is StatusException known ? known.Status : ServingStatus.Internal(e.Message));
        }
        finally
        {
            deadline?.Dispose();
        }
    }

    private async Task<ServingStatus> ReadAndRunAsync(IFeatureCollection context, GrpcMethod? method, CancellationToken cancellation)
    {
        PipeReader body = context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
        while (true)
        {
            ReadResult result = await body.ReadAsync(cancellation);
            ReadOnlySequence<byte> buffer = result.Buffer;
            ServingStatus status = TryTakeMessage(context, buffer, out bool complete, out ReadOnlySequence<byte> message);
            if (status.IsOk && !complete)
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

            if (method is null)
            {
                (status, long size) = Predict(context, message, cancellation);
                body.AdvanceTo(buffer.End);
                if (status.IsOk && size > FlushAbove)
                {
                    await FlushAsync(context);
                }

                return status;
            }

            status = TryParse(method.Parser, message, out IMessage? request);
            body.AdvanceTo(buffer.End);
            return status.IsOk ? await RunAsync(context, method, request!, cancellation) : status;
        }
    }

    /// <summary>Steps 3: the first message of the body; what follows it is ignored, as the original does.</summary>
    private ServingStatus TryTakeMessage(IFeatureCollection context, in ReadOnlySequence<byte> buffer, out bool complete, out ReadOnlySequence<byte> message)
    {
        message = default;
        complete = false;
        if (buffer.Length < FrameHead)
        {
            return ServingStatus.Ok;
        }

        Span<byte> head = stackalloc byte[FrameHead];
        buffer.Slice(0, FrameHead).CopyTo(head);
        long length = BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
        int limit = _services.Options.Limits.MaxGrpcMessageBytes;
        if (length > limit)
        {
            return GrpcFaults.TooLong(length, limit);
        }

        complete = buffer.Length >= FrameHead + length;
        if (!complete || head[0] > 1)
        {
            // A frame of an unknown kind counts as an empty message.
            return ServingStatus.Ok;
        }

        message = buffer.Slice(FrameHead, length);
        return head[0] == 0 ? ServingStatus.Ok : Inflate(context, limit, ref message);
    }

    private static ServingStatus Inflate(IFeatureCollection context, int limit, ref ReadOnlySequence<byte> message)
    {
        string encoding = context.GetRequiredFeature<IHttpRequestFeature>().Headers["grpc-encoding"].ToString();
        if (encoding is not ("gzip" or "deflate"))
        {
            // With an encoding that it does not know, the original takes the bytes as they are.
            return ServingStatus.Ok;
        }

        ReadOnlySequence<byte> compressed = message;
        return GrpcDecompressor.TryInflate(compressed, encoding == "gzip", limit, out message) ? ServingStatus.Ok : GrpcFaults.NotInflated(encoding);
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

        PredictResponseWriter.WriteFramed(Succeed(context), call, asContent, size);
        WriteTrailers(context);
        return (ServingStatus.Ok, size);
    }

    private static ServingStatus TryParse(MessageParser parser, in ReadOnlySequence<byte> message, out IMessage? request)
    {
        try
        {
            request = parser.ParseFrom(message);
            return ServingStatus.Ok;
        }
        catch (Exception e) when (ProtobufFaults.IsMalformed(e))
        {
            request = null;
            return GrpcFaults.Unparsable;
        }
    }

    private static async Task<ServingStatus> RunAsync(IFeatureCollection context, GrpcMethod method, IMessage request, CancellationToken cancellation)
    {
        (ServingStatus status, IMessage? response) = await method.Handler(request, cancellation);
        if (status.IsOk)
        {
            PipeWriter writer = Succeed(context);
            WriteFramed(writer, response!);
            WriteTrailers(context);
            await FlushAsync(context);
        }

        return status;
    }

    /// <summary>Not under the call's deadline: an answer that is there is sent, as a flush that is cancelled would reset the stream.</summary>
    private static async ValueTask FlushAsync(IFeatureCollection context) =>
        await context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.FlushAsync(
            context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted);

    /// <summary>Health.Watch: the state now; it does not change while the server runs, so that the stream then stays silent.</summary>
    private async Task WatchAsync(IFeatureCollection context)
    {
        CancellationToken aborted = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        var watch = new GrpcMethod(HealthCheckRequest.Parser, static (request, _) =>
        {
            bool healthy = GrpcMethods.IsHealthy((HealthCheckRequest)request);
            var state = healthy ? HealthCheckResponse.Types.ServingStatus.Serving : HealthCheckResponse.Types.ServingStatus.ServiceUnknown;
            return ValueTask.FromResult((ServingStatus.Ok, (IMessage?)new HealthCheckResponse { Status = state }));
        });
        await CallAsync(context, watch);
        if (context.GetRequiredFeature<IHttpResponseFeature>().HasStarted)
        {
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = aborted.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), gone);
            TimeSpan left = TryReadTimeout(context, out TimeSpan timeout) ? timeout : Timeout.InfiniteTimeSpan;
            try
            {
                await gone.Task.WaitAsync(left, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                await FailAsync(context, GrpcFaults.DeadlineExceeded);
            }
        }
    }

    private static bool TryReadTimeout(IFeatureCollection context, out TimeSpan left)
    {
        left = default;
        StringValues timeout = context.GetRequiredFeature<IHttpRequestFeature>().Headers["grpc-timeout"];
        return timeout.Count == 1 && GrpcTimeout.TryParse(timeout[0], out left);
    }

    [LoggerMessage(LogLevel.Error, "A gRPC call failed inside the server")]
    private partial void LogFailure(Exception exception);
}
