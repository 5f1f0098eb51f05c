using Tensorflow.Serving;

namespace SharpServing.Conformance.Tests.Support;

/// <summary>HandleReloadConfigRequest.</summary>
internal static class Reloads
{
    public const string Method = "/tensorflow.serving.ModelService/HandleReloadConfigRequest";

    public static ModelConfig Model(ServedModel model) => new() { Name = model.Name, BasePath = model.Folder, ModelPlatform = "tensorflow" };

    public static async Task<ServingStatus> CallAsync(ConformanceServer server, params ModelConfig[] models) =>
        (await server.Grpc.CallAsync(Method, Request(models))).Status;

    public static ReloadConfigRequest Request(params ModelConfig[] models) =>
        new() { Config = new ModelServerConfig { ModelConfigList = new ModelConfigList { Config = { models } } } };

    public static async Task<ReloadConfigResponse> AcceptedAsync(ConformanceServer server, params ModelConfig[] models)
    {
        ReloadConfigResponse response = await server.CallAsync<ReloadConfigResponse>(Method, Request(models));
        response.Status.ErrorCode.ShouldBe(Tensorflow.Error.Code.Ok);
        return response;
    }
}
