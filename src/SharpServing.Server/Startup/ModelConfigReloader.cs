using SharpServing.Server.Configuration;
using SharpServing.Server.Logging;
using SharpServing.Server.Services;
using SharpServing.Serving;
using Tensorflow.Serving;

namespace SharpServing.Server.Startup;

/// <summary>ModelService.HandleReloadConfigRequest on the serving core.</summary>
internal sealed class ModelConfigReloader : IModelConfigReloader
{
    private readonly ServerCore _core;
    private readonly ServerLog _log;

    public ModelConfigReloader(ServerCore core, ServerLog log)
    {
        _core = core;
        _log = log;
    }

    public async Task<ServingStatus> ReloadAsync(ModelServerConfig config, CancellationToken cancellation)
    {
        ServingStatus status;
        if (config.ConfigCase == ModelServerConfig.ConfigOneofCase.ModelConfigList)
        {
            for (int i = 0; i < config.ModelConfigList.Config.Count; i++)
            {
                ModelConfig model = config.ModelConfigList.Config[i];
                _log.ReloadEntry(i, model.BasePath, model.Name, model.ModelPlatform);
            }

            status = await _core.ReloadConfigAsync(ModelConfigConverter.ToModels(config.ModelConfigList), cancellation);
        }
        else
        {
            status = ServingStatus.InvalidArgument(
                "ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported");
        }

        if (!status.IsOk)
        {
            _log.ReloadFailed(status.Message);
        }

        return status;
    }
}
