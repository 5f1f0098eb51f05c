using Tensorflow.Serving;

namespace SharpServing.Server.Services;

/// <summary>HandleReloadConfigRequest.</summary>
internal sealed class ReloadConfigService
{
    private static readonly ServingStatus OnlyLists = ServingStatus.InvalidArgument(
        "ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported");

    private readonly IModelConfigReloader? _reloader;

    public ReloadConfigService(IModelConfigReloader? reloader) => _reloader = reloader;

    /// <returns>The outcome, and the answer that carries it when it is OK.</returns>
    public async ValueTask<(ServingStatus Status, ReloadConfigResponse? Response)> ReloadAsync(ReloadConfigRequest request, CancellationToken cancellation)
    {
        if (_reloader is null)
        {
            return (ServingStatus.Unimplemented("This server's model configuration cannot be changed"), null);
        }

        if (request.Config?.ConfigCase != ModelServerConfig.ConfigOneofCase.ModelConfigList)
        {
            return (OnlyLists, null);
        }

        ServingStatus status = await _reloader.ReloadAsync(request.Config, cancellation);
        return (status, status.IsOk ? new ReloadConfigResponse { Status = new StatusProto() } : null);
    }
}
