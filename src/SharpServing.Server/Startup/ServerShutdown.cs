using SharpServing.Server.Configuration;
using SharpServing.Server.Hosting;
using SharpServing.Server.Logging;

namespace SharpServing.Server.Startup;

/// <summary>
/// From a signal to the exit: (1) readiness goes, (2) the grace period, in which everything is answered, (3) the listeners close and what is
/// in flight ends within a limit, (4) the models unload within what is left of it.
/// </summary>
internal sealed class ServerShutdown
{
    private readonly TimeSpan _grace;
    private readonly TimeSpan _limit;
    private readonly StopSignals _signals;
    private readonly TimeProvider _time;
    private readonly ServerLog _log;
    private long? _drainStarted;
    private bool _saidCutOff;

    public ServerShutdown(ModelServerOptions options, StopSignals signals, TimeProvider time, ServerLog log)
    {
        _grace = TimeSpan.FromSeconds(Math.Max(options.ShutdownGracePeriodSeconds, 0));
        _limit = TimeSpan.FromSeconds(Math.Max(options.ShutdownLimitSeconds, 0));
        _signals = signals;
        _time = time;
        _log = log;
    }

    /// <summary>Steps 1 to 3, once the server is told to stop.</summary>
    public async Task RunAsync(ServerHost host)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (_signals.Stop.Register(stopped.SetResult))
        {
            await stopped.Task;
        }

        host.Readiness.StartDraining();
        if (_grace > TimeSpan.Zero)
        {
            Task grace = Task.Delay(_grace, _time, _signals.Hurry);
            _log.GracePeriod((long)_grace.TotalSeconds);
            await grace.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _drainStarted = _time.GetTimestamp();
        using var limit = new CancellationTokenSource(_limit, _time);
        using var cutOff = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _signals.Hurry);
        try
        {
            await host.StopAsync(cutOff.Token);
        }
        catch (OperationCanceledException)
        {
            // Said below.
        }

        if (cutOff.IsCancellationRequested)
        {
            SayCutOff();
        }
    }

    /// <summary>Step 4; also when the server never came to serve.</summary>
    public async Task UnloadAsync(Action unload)
    {
        TimeSpan left = _drainStarted is { } started ? _limit - _time.GetElapsedTime(started) : _limit;
        try
        {
            await Task.Run(unload, CancellationToken.None).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, _signals.Hurry);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            SayCutOff();
        }
    }

    private void SayCutOff()
    {
        if (!_saidCutOff)
        {
            _saidCutOff = true;
            _log.StoppedWithRequests();
        }
    }
}
