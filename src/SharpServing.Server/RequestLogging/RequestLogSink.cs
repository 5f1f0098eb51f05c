using System.Threading.Channels;
using SharpServing.Server.Logging;
using SharpServing.Server.Monitoring;

namespace SharpServing.Server.RequestLogging;

/// <summary>Where the records of one prefix go: a bounded queue, and one task that writes it to files. Thread-safe; no caller waits.</summary>
internal sealed class RequestLogSink : IAsyncDisposable
{
    private readonly Channel<Entry> _queue = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly RollingFile _file;
    private readonly long _limit;
    private readonly ServingMetrics _metrics;
    private readonly ServerLog _log;
    private readonly Task _writer;
    private long _queued;

    /// <param name="prefix">Absolute path; its folder exists.</param>
    public RequestLogSink(string prefix, RequestLogLimits limits, ServingMetrics metrics, ServerLog log)
    {
        Prefix = prefix;
        _file = new RollingFile(prefix, limits);
        _limit = limits.QueueBytes;
        _metrics = metrics;
        _log = log;
        _writer = Task.Run(WriteAllAsync);
    }

    public string Prefix { get; }

    /// <summary>Whether the next record may find room. Saves making one that does not.</summary>
    public bool HasRoom => Interlocked.Read(ref _queued) < _limit;

    /// <summary>Queues a record, or drops and counts it.</summary>
    public void Add(string model, byte[] record)
    {
        if (Interlocked.Add(ref _queued, record.Length) > _limit || !_queue.Writer.TryWrite(new Entry(model, record)))
        {
            Interlocked.Add(ref _queued, -record.Length);
            CountDropped(model);
        }
    }

    public void CountDropped(string model) => _metrics.CountRequestLog(model, StatusCode.ResourceExhausted);

    /// <summary>Takes no more records and writes those that wait.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writer;
        _file.Dispose();
    }

    private async Task WriteAllAsync()
    {
        bool failed = false;
        await foreach (Entry entry in _queue.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                _file.Write(entry.Record);
                _metrics.CountRequestLog(entry.Model, StatusCode.Ok);
                failed = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _metrics.CountRequestLog(entry.Model, StatusCode.Unavailable);
                if (!failed)
                {
                    failed = true;
                    _log.RequestLogFailed(Prefix, e.Message);
                }
            }

            Interlocked.Add(ref _queued, -entry.Record.Length);
        }
    }

    private readonly record struct Entry(string Model, byte[] Record);
}
