using Microsoft.Extensions.Logging;

namespace SharpServing.Server.Hosting.Epoll;

/// <summary>The loops of one server, one for each core; connections go to them in turn. Linux only. Thread-safe.</summary>
internal sealed class EpollLoops : IDisposable
{
    private readonly EpollLoop?[] _loops = new EpollLoop?[Environment.ProcessorCount];
    private readonly Lock _gate = new();
    private readonly ILogger _log;
    private uint _next;

    public EpollLoops(ILogger log) => _log = log;

    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>The loop for the next connection; its thread starts when it gets its first.</summary>
    public EpollLoop Next()
    {
        lock (_gate)
        {
            int index = (int)(_next++ % (uint)_loops.Length);
            return _loops[index] ??= new EpollLoop(index, _log);
        }
    }

    public void Dispose()
    {
        foreach (EpollLoop? loop in _loops)
        {
            loop?.Dispose();
        }
    }
}
