using SharpServing.Server.Monitoring;
using Tensorflow.Serving;

namespace SharpServing.Server.Services;

/// <summary>HandleReloadConfigRequest.</summary>
internal sealed class ReloadConfigService
{
    private readonly IModelConfigReloader? _reloader;
    private readonly ServingMetrics _metrics;

    public ReloadConfigService(IModelConfigReloader? reloader, ServingMetrics metrics)
    {
        _reloader = reloader;
        _metrics = metrics;
    }

    /// <returns>The outcome, and the answer that carries it when it is OK.</returns>
    public async ValueTask<(ServingStatus Status, ReloadConfigResponse? Response)> ReloadAsync(ReloadConfigRequest request, CancellationToken cancellation)
    {
        if (_reloader is null)
        {
            return (ServingStatus.Unimplemented("This server's model configuration cannot be changed"), null);
        }

        string[] names = [.. request.MetricNames.Distinct(StringComparer.Ordinal)];
        long[] before = [.. names.Select(_metrics.FirstValueOf)];
        ServingStatus status = await _reloader.ReloadAsync(request.Config ?? new ModelServerConfig(), cancellation);
        if (!status.IsOk)
        {
            return (status, null);
        }

        var response = new ReloadConfigResponse { Status = new StatusProto() };
        for (int i = 0; i < names.Length; i++)
        {
            response.Metric.Add(new Metric { Name = names[i], Int64ValueIncrease = _metrics.FirstValueOf(names[i]) - before[i] });
        }

        return (status, response);
    }
}
