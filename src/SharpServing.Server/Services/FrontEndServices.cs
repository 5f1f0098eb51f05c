using SharpServing.Server.Hosting;
using SharpServing.Server.Monitoring;
using SharpServing.Server.RequestLogging;
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
        Readiness = new Readiness(directory);
        PredictRunner = new PredictRunner(options.CheckMethodNames, options.Metrics);
        Predict = new PredictService(directory, PredictRunner);
        Inference = new InferenceService(directory, new InferenceRunner(options.CheckMethodNames, options.Metrics), options.RequestLogs);
        Metadata = new ModelMetadataService(directory);
        Status = new ModelStatusService(directory);
        Reload = new ReloadConfigService(reloader, options.Metrics);
    }

    public ServerHostOptions Options { get; }

    public IServableDirectory Directory { get; }

    public Readiness Readiness { get; }

    public ServingMetrics Metrics => Options.Metrics;

    /// <summary>Null: there are none.</summary>
    public RequestLogs? RequestLogs => Options.RequestLogs;

    public PredictService Predict { get; }

    public PredictRunner PredictRunner { get; }

    public InferenceService Inference { get; }

    public ModelMetadataService Metadata { get; }

    public ModelStatusService Status { get; }

    public ReloadConfigService Reload { get; }
}
