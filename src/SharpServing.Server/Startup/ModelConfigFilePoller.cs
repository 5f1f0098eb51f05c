using SharpServing.Server.Configuration;
using SharpServing.Server.Logging;
using SharpServing.Serving;
using Tensorflow.Serving;

namespace SharpServing.Server.Startup;

/// <summary>Applies the model configuration file again every period, changed or not; so it undoes what an RPC reloaded.</summary>
internal sealed class ModelConfigFilePoller : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _task;

    public ModelConfigFilePoller(string path, TimeSpan period, ServerCore core, TimeProvider time, ServerLog log) =>
        _task = RunAsync(path, period, core, time, log, _stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _task;
        _stop.Dispose();
    }

    private static async Task RunAsync(
        string path, TimeSpan period, ServerCore core, TimeProvider time, ServerLog log, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(period, time);
        try
        {
            do
            {
                await ApplyAsync(path, core, log, stop);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private static async Task ApplyAsync(string path, ServerCore core, ServerLog log, CancellationToken stop)
    {
        var config = new ModelServerConfig();
        ServingStatus status = TextProtoFile.Read(path, config, log);
        if (!status.IsOk)
        {
            log.ConfigFileUnreadable(status.Message);
            return;
        }

        switch (config.ConfigCase)
        {
            case ModelServerConfig.ConfigOneofCase.ModelConfigList:
                status = await core.ReloadConfigAsync(ModelConfigConverter.ToModels(config.ModelConfigList), stop);
                break;
            case ModelServerConfig.ConfigOneofCase.CustomModelConfig:
                status = ServingStatus.FailedPrecondition(
                    "Cannot transition to requested config. It is only legal to transition from one ModelConfigList to another.");
                break;
            default:
                core.IgnoreEmptyConfig();
                break;
        }

        if (!status.IsOk)
        {
            log.ConfigFileNotApplied(status.Message);
        }
    }
}
