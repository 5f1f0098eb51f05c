using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using SharpServing.Server.Hosting;
using SharpServing.Server.Hosting.Epoll;

namespace SharpServing.Server.Rest.Http;

/// <summary>
/// HTTP/1.x on one connection, with the habits of libevent 2.1, which the original's server is: what Kestrel's own parser would refuse
/// or answer otherwise is answered as libevent does. One request after the other: (1) request line, (2) headers, (3) body, (4) handler,
/// (5) answer.
/// </summary>
internal sealed partial class HttpConnection
{
    private readonly ConnectionContext _connection;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly ServerLimits _limits;
    private readonly TimeProvider _time;
    private readonly Action<HttpHead, ReadOnlyMemory<byte>, HttpAnswer> _handler;
    private readonly HttpHead _head = new();
    private readonly HttpAnswer _answer = new();
    private readonly ILogger _log;
    private HttpBody? _body;
    private long _lastByte;
    private volatile bool _isReading;
    private volatile bool _isStopping;
    private volatile bool _isTimedOut;

    public HttpConnection(
        ConnectionContext connection, ServerLimits limits, TimeProvider time, Action<HttpHead, ReadOnlyMemory<byte>, HttpAnswer> handler, ILogger log)
    {
        _connection = connection;
        _input = connection.Transport.Input;
        _output = connection.Transport.Output;
        _limits = limits;
        _time = time;
        _handler = handler;
        _log = log;
    }

    private enum Step
    {
        NeedMore,
        Ready,
        Refused,
    }

    /// <summary>Serves until the client or the server closes.</summary>
    public async Task RunAsync()
    {
        _lastByte = _time.GetTimestamp();
        _connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static state => ((HttpConnection)state).CheckIdle(), this);
        CancellationToken stopping = _connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        await using CancellationTokenRegistration registration = stopping.UnsafeRegister(static state => ((HttpConnection)state!).Stop(), this);
        try
        {
            while (await ServeAsync())
            {
            }
        }
        catch (Exception e) when (e is ConnectionAbortedException or ConnectionResetException or OperationCanceledException)
        {
            // The client is gone.
        }
        finally
        {
            _body?.Clear();
            await _output.CompleteAsync();
            await _input.CompleteAsync();
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        SequencePosition? end = buffer.PositionOf((byte)'\n');
        if (end is null)
        {
            line = default;
            return false;
        }

        line = buffer.Slice(0, end.Value);
        buffer = buffer.Slice(buffer.GetPosition(1, end.Value));
        return true;
    }

    /// <summary>Without a CR at the end.</summary>
    private static ReadOnlySpan<byte> ContentOf(in ReadOnlySequence<byte> line)
    {
        ReadOnlySpan<byte> bytes = line.IsSingleSegment ? line.FirstSpan : line.ToArray();
        return bytes.Length > 0 && bytes[^1] == '\r' ? bytes[..^1] : bytes;
    }

    /// <summary>One request.</summary>
    /// <returns>False when the connection is to be closed.</returns>
    private async ValueTask<bool> ServeAsync()
    {
        _head.Reset();
        _answer.Reset();
        Step step = await ReadHeadAsync();
        if (step == Step.NeedMore)
        {
            return false;
        }

        if (step == Step.Refused)
        {
            return await SendPageAsync(400);
        }

        switch (_head.BodyFraming)
        {
            case HttpHead.Framing.Bad:
                return await SendPageAsync(400);
            case HttpHead.Framing.Length or HttpHead.Framing.Chunked:
                if (_head.ExpectsOther)
                {
                    return await SendPageAsync(417);
                }

                int status = await ReadBodyAsync();
                if (status != 0)
                {
                    return status > 0 && await SendPageAsync(status);
                }

                break;
        }

        if (!_head.Method.IsAllowed() || !_head.HasPath)
        {
            _body?.Clear();
            return await SendPageAsync(_head.Method.IsAllowed() ? 400 : 501);
        }

        _answer.MustBeShort = EpollLoop.IsCurrent;
        Handle();
        if (_answer.IsPutOff)
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            _answer.Reset();
            Handle();
        }

        _body?.Clear();
        return await SendAsync();
    }

    private void Handle()
    {
        try
        {
            _handler(_head, _body?.Content ?? default, _answer);
        }
        catch (Exception e)
        {
            LogFailure(e);
            _answer.Reset();
            RestErrorBody.Write(_answer, e is StatusException known ? known.Status : ServingStatus.Internal(e.Message));
        }
    }

    private async ValueTask<Step> ReadHeadAsync()
    {
        bool hasRequestLine = false;
        long seen = 0;
        while (true)
        {
            ReadResult result = await ReadAsync();
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (_isTimedOut || (_isStopping && seen == 0 && buffer.IsEmpty))
            {
                _input.AdvanceTo(buffer.End);
                return Step.NeedMore;
            }

            long before = buffer.Length;
            Step step = TakeHead(ref buffer, ref hasRequestLine);
            seen += before - buffer.Length;
            bool tooLong = seen + buffer.Length > _limits.MaxRestHeaderBytes && step == Step.NeedMore;
            _input.AdvanceTo(buffer.Start, step == Step.NeedMore ? buffer.End : buffer.Start);
            if (step != Step.NeedMore || result.IsCompleted)
            {
                return step;
            }

            if (tooLong)
            {
                return Step.Refused;
            }
        }
    }

    private Step TakeHead(ref ReadOnlySequence<byte> buffer, ref bool hasRequestLine)
    {
        while (TryTakeLine(ref buffer, out ReadOnlySequence<byte> line))
        {
            ReadOnlySpan<byte> content = ContentOf(line);
            if (!hasRequestLine)
            {
                hasRequestLine = true;
                if (!_head.TryReadRequestLine(content))
                {
                    return Step.Refused;
                }
            }
            else if (!_head.TryReadHeader(content, out bool isEnd))
            {
                return Step.Refused;
            }
            else if (isEnd)
            {
                return Step.Ready;
            }
        }

        return Step.NeedMore;
    }

    /// <returns>0: read; above 0: the status of a page; below: the client is gone.</returns>
    private async ValueTask<int> ReadBodyAsync()
    {
        _body ??= new HttpBody();
        bool chunked = _head.BodyFraming == HttpHead.Framing.Chunked;
        if (!chunked && _head.ContentLength > _limits.MaxRestBodyBytes)
        {
            return 413;
        }

        _body.Start(chunked, _head.ContentLength, _limits.MaxRestBodyBytes);
        if (_head.ExpectsContinue && !HasInput())
        {
            _output.Write("HTTP/1.1 100 Continue\r\n\r\n"u8);
            await _output.FlushAsync(CancellationToken.None);
        }

        while (true)
        {
            ReadResult result = await ReadAsync();
            ReadOnlySequence<byte> buffer = result.Buffer;
            HttpBody.Progress progress = _body.Take(ref buffer);
            _input.AdvanceTo(buffer.Start, progress == HttpBody.Progress.NeedMore ? buffer.End : buffer.Start);
            switch (progress)
            {
                case HttpBody.Progress.Complete:
                    return 0;
                case HttpBody.Progress.Bad:
                    return 413;
            }

            if (result.IsCompleted || _isTimedOut)
            {
                return -1;
            }
        }
    }

    /// <summary>True when bytes behind the headers are already here.</summary>
    private bool HasInput()
    {
        if (!_input.TryRead(out ReadResult result))
        {
            return false;
        }

        bool any = !result.Buffer.IsEmpty;
        _input.AdvanceTo(result.Buffer.Start);
        return any;
    }

    /// <summary>No token: the pipe ends when the connection does, and a token would cost a registration a read.</summary>
    private async ValueTask<ReadResult> ReadAsync()
    {
        _isReading = true;
        ReadResult result = await _input.ReadAsync(CancellationToken.None);
        _isReading = false;
        Volatile.Write(ref _lastByte, _time.GetTimestamp());
        return result;
    }

    /// <returns>False when the connection is to be closed: always but after CONNECT.</returns>
    private ValueTask<bool> SendPageAsync(int status)
    {
        _answer.SetPage(status);
        return SendAsync();
    }

    /// <returns>False when the connection is to be closed.</returns>
    private async ValueTask<bool> SendAsync()
    {
        if (_answer.IsPage)
        {
            _head.MakePageVersion();
        }

        HttpAnswerWriter.Write(_output, _head, _answer, _time);
        _answer.ClearBody();
        FlushResult flushed = await _output.FlushAsync(CancellationToken.None);
        bool asksToClose = _head.Method != HttpMethod.Connect && (_head.AsksToClose || _answer.Closes);
        bool keeps = (_head.IsPersistentVersion || _head.IsKeptAlive) && !asksToClose;
        return keeps && !flushed.IsCompleted && !_isStopping;
    }

    /// <summary>Called about once a second by the server.</summary>
    private void CheckIdle()
    {
        if (_isReading && _limits.RestReadTimeout > TimeSpan.Zero && _time.GetElapsedTime(Volatile.Read(ref _lastByte)) > _limits.RestReadTimeout)
        {
            _isTimedOut = true;
            _input.CancelPendingRead();
        }
    }

    /// <summary>The server stops: a request that has begun is still answered.</summary>
    private void Stop()
    {
        _isStopping = true;
        if (_isReading)
        {
            _input.CancelPendingRead();
        }
    }

    [LoggerMessage(LogLevel.Error, "A REST request failed inside the server")]
    private partial void LogFailure(Exception exception);
}
