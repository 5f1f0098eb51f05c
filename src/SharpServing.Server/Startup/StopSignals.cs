using System.Runtime.InteropServices;
using SharpServing.Server.Logging;

namespace SharpServing.Server.Startup;

/// <summary>SIGTERM and SIGINT as tokens: the first one asks the server to stop, the second one to do so without waiting for anything.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _hurry = new();
    private readonly PosixSignalRegistration _term;
    private readonly PosixSignalRegistration _interrupt;
    private readonly ServerLog _log;

    /// <param name="log">Says which signal came.</param>
    /// <param name="stop">Stops like the first signal.</param>
    public StopSignals(ServerLog log, CancellationToken stop)
    {
        _log = log;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnSignal(context, "SIGTERM"));
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnSignal(context, "SIGINT"));
    }

    public CancellationToken Stop => _stop.Token;

    public CancellationToken Hurry => _hurry.Token;

    public void Dispose()
    {
        _term.Dispose();
        _interrupt.Dispose();
        _stop.Dispose();
        _hurry.Dispose();
    }

    private void OnSignal(PosixSignalContext context, string name)
    {
        context.Cancel = true;
        if (_stop.IsCancellationRequested)
        {
            _log.StoppingNow(name);
            _hurry.Cancel();
        }
        else
        {
            _log.Stopping(name);
            _stop.Cancel();
        }
    }
}
