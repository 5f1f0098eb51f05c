using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace SharpServing.Server.Hosting.Epoll;

/// <summary>
/// Kestrel's transport where <see cref="EpollLoops"/> exist: its own hands every read and every write to another thread, which costs a
/// small call more than all the rest of it.
/// </summary>
internal sealed class EpollListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <summary>As Kestrel's. The kernel has its own limit, too.</summary>
    private const int Backlog = 512;

    private readonly EpollLoops _loops;
    private readonly IMemoryPoolFactory<byte> _pools;
    private readonly PipeScheduler _readers;

    /// <param name="loops">What the connections live on.</param>
    /// <param name="pools">Memory of the connections.</param>
    /// <param name="readers">Where connections are read: inline is the loop's thread, which must not be held for long.</param>
    public EpollListenerFactory(EpollLoops loops, IMemoryPoolFactory<byte> pools, PipeScheduler readers)
    {
        _readers = readers;
        _loops = loops;
        _pools = pools;
    }

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or UnixDomainSocketEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }

        socket.Listen(Backlog);
        return ValueTask.FromResult<IConnectionListener>(new EpollListener(socket, _loops, _pools.Create(), _readers, _loops.Log));
    }
}
