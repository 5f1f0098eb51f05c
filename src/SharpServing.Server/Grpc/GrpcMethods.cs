using System.Collections.Frozen;
using System.Diagnostics;
using Google.Protobuf;
using SharpServing.Protos.Inference;
using SharpServing.Server.Services;
using Tensorflow.Serving;

namespace SharpServing.Server.Grpc;

/// <summary>The paths that are served. Predict is apart: it has its own codec.</summary>
internal static class GrpcMethods
{
    public const string Predict = "/tensorflow.serving.PredictionService/Predict";

    public static FrozenDictionary<string, GrpcMethod> Create(FrontEndServices services)
    {
        var methods = new Dictionary<string, GrpcMethod>
        {
            ["/tensorflow.serving.PredictionService/GetModelMetadata"] = new GrpcUnaryMethod(GetModelMetadataRequest.Parser, (request, _) =>
            {
                ServingStatus status = services.Metadata.Get((GetModelMetadataRequest)request, out GetModelMetadataResponse? response);
                return Done(status, response);
            }),
            ["/tensorflow.serving.ModelService/GetModelStatus"] = new GrpcUnaryMethod(GetModelStatusRequest.Parser, (request, _) =>
            {
                ServingStatus status = services.Status.Get((GetModelStatusRequest)request, out GetModelStatusResponse? response);
                return Done(status, response);
            }),
            ["/tensorflow.serving.ModelService/HandleReloadConfigRequest"] = new GrpcUnaryMethod(ReloadConfigRequest.Parser, async (request, cancellation) =>
                await services.Reload.ReloadAsync((ReloadConfigRequest)request, cancellation)),
            ["/tensorflow.serving.PredictionService/Classify"] = new GrpcUnaryMethod(ClassificationRequest.Parser, (request, cancellation) =>
            {
                long started = Stopwatch.GetTimestamp();
                var call = (ClassificationRequest)request;
                ServingStatus status = services.Inference.Classify(call, cancellation, out ClassifyAnswer? response);
                Count(services, call.ModelSpec, "Classify", status, started);
                return Done(status, response);
            }),
            ["/tensorflow.serving.PredictionService/Regress"] = new GrpcUnaryMethod(RegressionRequest.Parser, (request, cancellation) =>
            {
                long started = Stopwatch.GetTimestamp();
                var call = (RegressionRequest)request;
                ServingStatus status = services.Inference.Regress(call, cancellation, out RegressionResponse? response);
                Count(services, call.ModelSpec, "Regress", status, started);
                return Done(status, response);
            }),
            ["/tensorflow.serving.PredictionService/MultiInference"] = new GrpcUnaryMethod(MultiInferenceRequest.Parser, (request, cancellation) =>
            {
                ServingStatus status = services.Inference.MultiInference((MultiInferenceRequest)request, cancellation, out MultiInferenceAnswer? response);
                return Done(status, response);
            }),
        };
        if (services.Options.HealthService)
        {
            new HealthMethods(services.Readiness).AddTo(methods);
        }

        // Last: it tells of the others.
        new ReflectionMethods().AddTo(methods);
        return methods.ToFrozenDictionary();
    }

    private static void Count(FrontEndServices services, ModelSpec? spec, string api, ServingStatus status, long started) =>
        services.Metrics.CountRequest(spec?.Name ?? "", api, "GRPC", status.Code, Stopwatch.GetElapsedTime(started));

    private static ValueTask<(ServingStatus Status, IMessage? Response)> Done(ServingStatus status, IMessage? response) =>
        ValueTask.FromResult((status, response));
}
