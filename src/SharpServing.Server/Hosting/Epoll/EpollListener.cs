using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace SharpServing.Server.Hosting.Epoll;

/// <summary>Accepts connections and spreads them over the loops.</summary>
internal sealed class EpollListener : IConnectionListener
{
    private readonly Socket _socket;
    private readonly EpollLoops _loops;
    private readonly MemoryPool<byte> _pool;

    public EpollListener(Socket socket, EpollLoops loops, MemoryPool<byte> pool)
    {
        _socket = socket;
        _loops = loops;
        _pool = pool;
        EndPoint = socket.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                Socket socket = await _socket.AcceptAsync(cancellationToken);
                socket.Blocking = false;
                if (socket.LocalEndPoint is IPEndPoint)
                {
                    socket.NoDelay = true;
                }

                var connection = new EpollConnection(socket, _pool, _loops.Next());
                connection.Start();
                return connection;
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                // The listener was closed.
                return null;
            }
            catch (SocketException)
            {
                // That client went away again; the next one.
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _pool.Dispose();
        return default;
    }
}
