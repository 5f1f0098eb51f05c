namespace SharpServing.Server.Hosting;

/// <summary>What reads and writes the bytes of connections.</summary>
public enum Transport
{
    /// <summary><see cref="Epoll.EpollLoops"/> on Linux, <see cref="Sockets"/> elsewhere.</summary>
    Default,

    /// <summary>Kestrel's own transport, on every system.</summary>
    Sockets,
}
