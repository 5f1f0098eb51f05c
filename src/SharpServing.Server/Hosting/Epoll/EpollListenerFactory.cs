using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace SharpServing.Server.Hosting.Epoll;

/// <summary>
/// Kestrel's transport where <see cref="EpollLoops"/> exist: its own hands every read and every write to another thread, which costs a
/// small call more than all the rest of it.
/// </summary>
internal sealed class EpollListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <summary>As Kestrel's. The kernel has its own limit, too.</summary>
    private const int Backlog = 512;

    private readonly TransportSettings _settings;
    private readonly EpollLoops _loops;
    private readonly IMemoryPoolFactory<byte> _pools;

    /// <param name="settings">With loops.</param>
    /// <param name="pools">Memory of the connections.</param>
    public EpollListenerFactory(TransportSettings settings, IMemoryPoolFactory<byte> pools)
    {
        _settings = settings;
        _loops = settings.Loops ?? throw new ArgumentException("Without loops there are no connections.", nameof(settings));
        _pools = pools;
    }

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or UnixDomainSocketEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket;
        try
        {
            socket = _settings.Bind(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }

        socket.Listen(Backlog);
        return ValueTask.FromResult<IConnectionListener>(new EpollListener(socket, _loops, _pools.Create(), _settings.Readers, _loops.Log));
    }
}
