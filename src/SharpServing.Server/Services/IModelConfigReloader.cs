using Tensorflow.Serving;

namespace SharpServing.Server.Services;

/// <summary>Carries out ModelService.HandleReloadConfigRequest. Thread-safe.</summary>
public interface IModelConfigReloader
{
    /// <summary>Applies <paramref name="config"/> and waits, as the original does, until its new models are available or have failed.</summary>
    Task<ServingStatus> ReloadAsync(ModelServerConfig config, CancellationToken cancellation);
}
