using SharpServing.Server.Hosting;
using SharpServing.Server.Services.Inference;
using SharpServing.Serving;

namespace SharpServing.Server.Services;

/// <summary>What both front ends share: the options and one service object per RPC.</summary>
internal sealed class FrontEndServices
{
    public FrontEndServices(ServerHostOptions options, IServableDirectory directory, IModelConfigReloader? reloader)
    {
        Options = options;
        Directory = directory;
        Predict = new PredictService(directory, options.CheckMethodNames);
        Inference = new InferenceService(directory, options.CheckMethodNames);
        Metadata = new ModelMetadataService(directory);
        Status = new ModelStatusService(directory);
        Reload = new ReloadConfigService(reloader);
    }

    public ServerHostOptions Options { get; }

    public IServableDirectory Directory { get; }

    public PredictService Predict { get; }

    public InferenceService Inference { get; }

    public ModelMetadataService Metadata { get; }

    public ModelStatusService Status { get; }

    public ReloadConfigService Reload { get; }
}
