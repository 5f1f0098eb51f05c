using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace SharpServing.Server.Hosting.Epoll;

/// <summary>
/// A connection of an <see cref="EpollLoop"/>. Its reader goes on on the loop's thread when bytes came, or on the pool; what it flushes is
/// sent from the loop, in one call for all that came together.
/// </summary>
internal sealed class EpollConnection : ConnectionContext, IMemoryPoolFeature, IConnectionSocketFeature
{
    /// <summary>Unread bytes beyond this stay in the socket. As Kestrel's default. Unit: bytes.</summary>
    private const int MaxUnread = 1 << 20;

    /// <summary>Unsent bytes beyond this make the writer wait. As Kestrel's default. Unit: bytes.</summary>
    private const int MaxUnsent = 64 << 10;

    /// <summary>
    /// Of the arrays that bytes are read into and sent from: as much as one call of the system takes at once. They come from the shared pool, and
    /// a connection that waits holds none. Unit: bytes.
    /// </summary>
    private const int BlockBytes = 64 << 10;

    /// <summary>Blocks that are read before other connections have their turn.</summary>
    private const int BlocksPerTurn = 4;

    private readonly EpollLoop _loop;
    private readonly Pipe _input;
    private readonly Pipe _output;
    private readonly ReadySignal _readable = new();
    private readonly ReadySignal _writable = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _closedIsTold = new();
    private readonly Lock _gate = new();
    private readonly List<ArraySegment<byte>> _segments = [];
    private Task _receiving = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;
    private Exception? _abortReason;
    private volatile bool _isShut;

    /// <summary>The loop told of the end: a short read no longer means that there is nothing more to read.</summary>
    private volatile bool _isEnding;

    /// <param name="pool">For what is built on the connection; streams of HTTP/2 take their small blocks from it.</param>
    /// <param name="readers">Where reading goes on when bytes came.</param>
    public EpollConnection(Socket socket, MemoryPool<byte> pool, EpollLoop loop, PipeScheduler readers)
    {
        _loop = loop;
        Socket = socket;
        MemoryPool = pool;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        _input = new Pipe(new PipeOptions(null, readers, PipeScheduler.Inline, MaxUnread, MaxUnread / 2, BlockBytes, useSynchronizationContext: false));

        // A writer that had to wait goes on elsewhere: what it does next may take long.
        _output = new Pipe(new PipeOptions(null, loop, PipeScheduler.ThreadPool, MaxUnsent, MaxUnsent / 2, BlockBytes, useSynchronizationContext: false));
        Transport = new DuplexPipe(_input.Reader, _output.Writer);
        Features.Set<IMemoryPoolFeature>(this);
        Features.Set<IConnectionSocketFeature>(this);
    }

    public override string ConnectionId { get; set; } = ConnectionNames.Next();

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override IDuplexPipe Transport { get; set; }

    public MemoryPool<byte> MemoryPool { get; }

    public Socket Socket { get; }

    /// <summary>Owned by the loop.</summary>
    public ulong LoopKey { get; set; }

    public void Start()
    {
        _receiving = ReceiveAsync();
        _sending = SendAsync();
        _loop.Add(this, (int)Socket.SafeHandle.DangerousGetHandle());
    }

    /// <summary>Called by the loop.</summary>
    public void OnReady(uint events)
    {
        if ((events & (EpollNative.PeerClosed | EpollNative.Error | EpollNative.HangUp)) != 0)
        {
            _isEnding = true;
        }

        if ((events & (EpollNative.Out | EpollNative.Error | EpollNative.HangUp)) != 0)
        {
            _writable.Set();
        }

        if ((events & ~EpollNative.Out) != 0)
        {
            _readable.Set();
        }
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        Shut(abortReason);
        _output.Reader.CancelPendingRead();
    }

    /// <summary>Sends what is left, then closes.</summary>
    public override async ValueTask DisposeAsync()
    {
        await _input.Reader.CompleteAsync();
        await _output.Writer.CompleteAsync();
        await _receiving;
        await _sending;
        await _closedIsTold.Task;
        _closed.Dispose();
        await base.DisposeAsync();
    }

    private async Task ReceiveAsync()
    {
        Exception? failure = null;
        try
        {
            bool isOpen = true;
            while (isOpen)
            {
                await _readable;
                bool isDrained = false;
                for (int block = 0; isOpen && !isDrained; block++)
                {
                    if (block == BlocksPerTurn)
                    {
                        _loop.Post(static signal => ((ReadySignal)signal!).Set(), _readable);
                        break;
                    }

                    (isOpen, isDrained, failure) = ReadSocket();
                    if (isOpen && _input.Writer.UnflushedBytes > 0)
                    {
                        FlushResult flushed = await _input.Writer.FlushAsync(CancellationToken.None);
                        isOpen = !flushed.IsCompleted && !flushed.IsCanceled;
                    }
                }
            }
        }
        finally
        {
            await _input.Writer.CompleteAsync(_abortReason ?? failure);
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.TellClosed(), this, preferLocal: false);
        }
    }

    private (bool IsOpen, bool IsDrained, Exception? Failure) ReadSocket()
    {
        if (_isShut)
        {
            return (false, false, null);
        }

        Memory<byte> memory = _input.Writer.GetMemory();
        try
        {
            int count = Socket.Receive(memory.Span, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return (true, true, null);
            }

            if (error != SocketError.Success)
            {
                return (false, false, new ConnectionResetException($"The connection was reset: {(int)error}"));
            }

            _input.Writer.Advance(count);
            return (count > 0, count < memory.Length && !_isEnding, null);
        }
        catch (ObjectDisposedException)
        {
            // Shut by another thread just now.
            return (false, false, null);
        }
    }

    private async Task SendAsync()
    {
        Exception? failure = null;
        try
        {
            bool isOpen = true;
            while (isOpen)
            {
                ReadResult result = await _output.Reader.ReadAsync(CancellationToken.None);
                ReadOnlySequence<byte> buffer = result.Buffer;
                isOpen = !result.IsCompleted && !result.IsCanceled;
                while (!buffer.IsEmpty && !result.IsCanceled && !_isShut)
                {
                    (int sent, SocketError error) = WriteSocket(buffer);
                    buffer = buffer.Slice(sent);
                    if (error == SocketError.WouldBlock)
                    {
                        await _writable;
                    }
                    else if (error != SocketError.Success)
                    {
                        failure = new ConnectionResetException($"The connection was reset: {(int)error}");
                        break;
                    }
                }

                _output.Reader.AdvanceTo(result.Buffer.End);
                isOpen &= failure is null && !_isShut;
            }
        }
        finally
        {
            Shut(failure);
            await _output.Reader.CompleteAsync(failure);
            _input.Writer.CancelPendingFlush();
        }
    }

    private (int Sent, SocketError Error) WriteSocket(in ReadOnlySequence<byte> buffer)
    {
        try
        {
            int count;
            SocketError error;
            if (buffer.IsSingleSegment)
            {
                count = Socket.Send(buffer.FirstSpan, SocketFlags.None, out error);
            }
            else
            {
                foreach (ReadOnlyMemory<byte> memory in buffer)
                {
                    if (MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment))
                    {
                        _segments.Add(segment);
                    }
                }

                count = Socket.Send(_segments, SocketFlags.None, out error);
                _segments.Clear();
            }

            // Some may be sent and the rest not.
            return (count, error);
        }
        catch (ObjectDisposedException)
        {
            return (0, SocketError.OperationAborted);
        }
    }

    /// <summary>Closes the socket, once. Both flows end.</summary>
    private void Shut(Exception? reason)
    {
        lock (_gate)
        {
            if (_isShut)
            {
                return;
            }

            _abortReason = reason;
            _isShut = true;
        }

        _loop.Remove(this);
        try
        {
            Socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The client was faster.
        }

        Socket.Dispose();
        _readable.Set();
        _writable.Set();
    }

    /// <summary>Not on the loop: whoever waits for the end may take its time.</summary>
    private void TellClosed()
    {
        _closed.Cancel();
        _closedIsTold.SetResult();
    }
}
