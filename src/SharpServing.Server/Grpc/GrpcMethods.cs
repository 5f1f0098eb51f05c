using System.Collections.Frozen;
using System.Diagnostics;
using Google.Protobuf;
using Grpc.Health.V1;
using SharpServing.Protos.Inference;
using SharpServing.Server.Services;
using Tensorflow.Serving;

namespace SharpServing.Server.Grpc;

/// <summary>The paths that are served. Predict is apart: it has its own codec.</summary>
internal static class GrpcMethods
{
    public const string Predict = "/tensorflow.serving.PredictionService/Predict";
    public const string HealthWatch = "/grpc.health.v1.Health/Watch";

    /// <summary>Names by which the health service knows the server's services: without the package, as the original registers them.</summary>
    private static readonly string[] HealthyServices = ["", "ModelService", "PredictionService"];

    public static FrozenDictionary<string, GrpcMethod> Create(FrontEndServices services)
    {
        var methods = new Dictionary<string, GrpcMethod>
        {
            ["/tensorflow.serving.PredictionService/GetModelMetadata"] = new(GetModelMetadataRequest.Parser, (request, _) =>
            {
                ServingStatus status = services.Metadata.Get((GetModelMetadataRequest)request, out GetModelMetadataResponse? response);
                return Done(status, response);
            }),
            ["/tensorflow.serving.ModelService/GetModelStatus"] = new(GetModelStatusRequest.Parser, (request, _) =>
            {
                ServingStatus status = services.Status.Get((GetModelStatusRequest)request, out GetModelStatusResponse? response);
                return Done(status, response);
            }),
            ["/tensorflow.serving.ModelService/HandleReloadConfigRequest"] = new(ReloadConfigRequest.Parser, async (request, cancellation) =>
                await services.Reload.ReloadAsync((ReloadConfigRequest)request, cancellation)),
            ["/tensorflow.serving.PredictionService/Classify"] = new(ClassificationRequest.Parser, (request, cancellation) =>
            {
                long started = Stopwatch.GetTimestamp();
                var call = (ClassificationRequest)request;
                ServingStatus status = services.Inference.Classify(call, cancellation, out ClassifyAnswer? response);
                Count(services, call.ModelSpec, "Classify", status, started);
                return Done(status, response);
            }),
            ["/tensorflow.serving.PredictionService/Regress"] = new(RegressionRequest.Parser, (request, cancellation) =>
            {
                long started = Stopwatch.GetTimestamp();
                var call = (RegressionRequest)request;
                ServingStatus status = services.Inference.Regress(call, cancellation, out RegressionResponse? response);
                Count(services, call.ModelSpec, "Regress", status, started);
                return Done(status, response);
            }),
            ["/tensorflow.serving.PredictionService/MultiInference"] = new(MultiInferenceRequest.Parser, (request, cancellation) =>
            {
                ServingStatus status = services.Inference.MultiInference((MultiInferenceRequest)request, cancellation, out MultiInferenceAnswer? response);
                return Done(status, response);
            }),
        };
        if (services.Options.HealthService)
        {
            methods["/grpc.health.v1.Health/Check"] = new(HealthCheckRequest.Parser, static (request, _) =>
                IsHealthy((HealthCheckRequest)request)
                    ? Done(ServingStatus.Ok, new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.Serving })
                    : Done(ServingStatus.NotFound("service name unknown"), null));
        }

        return methods.ToFrozenDictionary();
    }

    public static bool IsHealthy(HealthCheckRequest request) => HealthyServices.Contains(request.Service);

    private static void Count(FrontEndServices services, ModelSpec? spec, string api, ServingStatus status, long started) =>
        services.Metrics.CountRequest(spec?.Name ?? "", api, "GRPC", status.Code, Stopwatch.GetElapsedTime(started));

    private static ValueTask<(ServingStatus Status, IMessage? Response)> Done(ServingStatus status, IMessage? response) =>
        ValueTask.FromResult((status, response));
}
