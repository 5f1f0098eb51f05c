using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace SharpServing.Server.Hosting.Epoll;

/// <summary>Accepts connections and spreads them over the loops.</summary>
internal sealed partial class EpollListener : IConnectionListener
{
    /// <summary>Between two tries while the process lacks what a connection needs.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Between the end of listening and the end of idle connections: time for requests that are on their way, and for proxies to see that nobody
    /// listens any more.
    /// </summary>
    private static readonly TimeSpan CloseDelay = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly EpollLoops _loops;
    private readonly MemoryPool<byte> _pool;
    private readonly PipeScheduler _readers;
    private readonly ILogger _log;

    public EpollListener(Socket socket, EpollLoops loops, MemoryPool<byte> pool, PipeScheduler readers, ILogger log)
    {
        _readers = readers;
        _log = log;
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
            Socket socket;
            try
            {
                socket = await _socket.AcceptAsync(cancellationToken);
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                // The listener was closed.
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // That client went away again; the next one.
                continue;
            }
            catch (SocketException e)
            {
                // No file descriptors or no memory left: clients wait in the kernel's queue until others have closed.
                LogCannotAccept(e.Message);
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
                continue;
            }

            if (TryStart(socket) is { } connection)
            {
                return connection;
            }
        }
    }

    /// <summary>Kestrel closes the connections when this is done.</summary>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        // Connections that the kernel took but nobody accepted yet would be reset: the accepting loop gets a moment for them.
        for (int i = 0; i < 100 && !cancellationToken.IsCancellationRequested && _socket.Poll(0, SelectMode.SelectRead); i++)
        {
            await Task.Yield();
        }

        _socket.Dispose();
        await Task.Delay(CloseDelay, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _pool.Dispose();
        return default;
    }

    private EpollConnection? TryStart(Socket socket)
    {
        EpollConnection? connection = null;
        try
        {
            socket.Blocking = false;
            if (socket.LocalEndPoint is IPEndPoint)
            {
                socket.NoDelay = true;
            }

            connection = new EpollConnection(socket, _pool, _loops.Next(), _readers);
            connection.Start();
            return connection;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // Gone again, or the kernel has no room to watch it.
            LogCannotStart(e.Message);
            connection?.Abort();
            socket.Dispose();
            return null;
        }
    }

    [LoggerMessage(LogLevel.Error, "Cannot accept connections for the moment: {Reason}")]
    private partial void LogCannotAccept(string reason);

    [LoggerMessage(LogLevel.Warning, "A connection was closed before it began: {Reason}")]
    private partial void LogCannotStart(string reason);
}
