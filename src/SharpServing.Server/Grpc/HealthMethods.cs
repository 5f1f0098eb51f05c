using Google.Protobuf;
using Grpc.Health.V1;
using SharpServing.Server.Services;
using State = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SharpServing.Server.Grpc;

/// <summary>
/// grpc.health.v1.Health. As in the original, what is served is SERVING from the start on, whatever becomes of single models; once the server
/// drains, it is NOT_SERVING. It answers however many calls run.
/// </summary>
internal sealed class HealthMethods
{
    /// <summary>Names by which the service knows the server's services: without the package, as the original registers them.</summary>
    private static readonly string[] Known = ["", "ModelService", "PredictionService"];

    private static readonly ServingStatus Unknown = ServingStatus.NotFound("service name unknown");

    private readonly Readiness _readiness;

    public HealthMethods(Readiness readiness) => _readiness = readiness;

    public void AddTo(Dictionary<string, GrpcMethod> methods)
    {
        methods["/grpc.health.v1.Health/Check"] = new GrpcUnaryMethod(HealthCheckRequest.Parser, (request, _) =>
            ValueTask.FromResult(Check(((HealthCheckRequest)request).Service))) { IsLimited = false };
        methods["/grpc.health.v1.Health/Watch"] = new GrpcStreamMethod(HealthCheckRequest.Parser, WatchAsync) { IsLimited = false };
    }

    private (ServingStatus Status, IMessage? Response) Check(string service) =>
        Known.Contains(service) ? (ServingStatus.Ok, new HealthCheckResponse { Status = Now() }) : (Unknown, null);

    private State Now() => _readiness.IsDraining ? State.NotServing : State.Serving;

    /// <summary>The state now, and again when it changes, until the client or the server ends.</summary>
    private async ValueTask<ServingStatus> WatchAsync(GrpcStream stream, CancellationToken cancellation)
    {
        (ServingStatus status, IMessage? request) = await stream.ReadAsync(cancellation);
        if (request is null)
        {
            return status.IsOk ? GrpcFaults.NoMessage : status;
        }

        bool isKnown = Known.Contains(((HealthCheckRequest)request).Service);
        State state = isKnown ? Now() : State.ServiceUnknown;
        await stream.WriteAsync(new HealthCheckResponse { Status = state });
        if (state == State.Serving)
        {
            await _readiness.Draining.WaitAsync(cancellation);
            await stream.WriteAsync(new HealthCheckResponse { Status = State.NotServing });
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        return ServingStatus.Ok;
    }
}
