using Microsoft.Extensions.Logging;

namespace SharpServing.Server.Hosting.Epoll;

/// <summary>The loops of one server, one for each core; connections go to them in turn. Linux only. Thread-safe.</summary>
internal sealed class EpollLoops : IDisposable
{
    private readonly EpollLoop[] _loops = new EpollLoop[Environment.ProcessorCount];
    private uint _next;

    public EpollLoops(ILogger log)
    {
        Log = log;
        for (int i = 0; i < _loops.Length; i++)
        {
            _loops[i] = new EpollLoop(i, log);
        }
    }

    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Where the transport says what an operator should know.</summary>
    public ILogger Log { get; }

    /// <summary>The loop for the next connection.</summary>
    public EpollLoop Next() => _loops[(Interlocked.Increment(ref _next) - 1) % (uint)_loops.Length];

    public void Dispose()
    {
        foreach (EpollLoop loop in _loops)
        {
            loop.Dispose();
        }
    }
}
