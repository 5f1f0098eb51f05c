using SharpServing.Batching;
using SharpServing.Runtime;
using SharpServing.Server.Monitoring;

namespace SharpServing.Server.Batching;

/// <summary>
/// A session whose runs wait for others of the same kind: equal sets of feeds and of fetches share a queue, whatever their order and whatever
/// the signature is called. Owns the session that it stands for. Thread-safe.
/// </summary>
internal sealed class BatchingSession : IGraphSession
{
    private readonly IGraphSession _inner;
    private readonly SharedBatchScheduler<BatchedRun> _scheduler;
    private readonly BatchingSettings _settings;
    private readonly ServingMetrics _metrics;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, BatchingQueue> _queues = new(StringComparer.Ordinal);

    public BatchingSession(IGraphSession inner, SharedBatchScheduler<BatchedRun> scheduler, BatchingSettings settings, ServingMetrics metrics)
    {
        _inner = inner;
        _scheduler = scheduler;
        _settings = settings;
        _metrics = metrics;
    }

    public bool WaitsForOthers => true;

    /// <summary>What the inner session refuses is answered by the run, as the original does.</summary>
    public ServingStatus TryPrepare(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets, out GraphCallable? callable)
    {
        int[] feedOrder = Order(feeds);
        int[] fetchOrder = Order(fetches);
        string[] sortedFeeds = Permute(feeds, feedOrder);
        string[] sortedFetches = Permute(fetches, fetchOrder);
        string key = $"{string.Join('\n', sortedFeeds)}\n\n{string.Join('\n', sortedFetches)}";
        BatchingQueue? queue;
        lock (_gate)
        {
            if (!_queues.TryGetValue(key, out queue))
            {
                ServingStatus status = _inner.TryPrepare(sortedFeeds, sortedFetches, targets, out GraphCallable? inner);
                queue = new BatchingQueue(_scheduler, _settings, _metrics, sortedFeeds, sortedFetches.Length, status.IsOk ? inner : null, status);
                _queues.Add(key, queue);
            }
        }

        callable = new BatchingCallable(queue, feedOrder, fetchOrder, _metrics);
        return ServingStatus.Ok;
    }

    public void Dispose()
    {
        foreach (BatchingQueue queue in _queues.Values)
        {
            queue.Dispose();
        }

        _inner.Dispose();
    }

    private static int[] Order(ReadOnlySpan<string> names)
    {
        string[] keys = names.ToArray();
        int[] order = new int[keys.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(keys, order, StringComparer.Ordinal);
        return order;
    }

    private static string[] Permute(ReadOnlySpan<string> names, int[] order)
    {
        string[] sorted = new string[order.Length];
        for (int i = 0; i < sorted.Length; i++)
        {
            sorted[i] = names[order[i]];
        }

        return sorted;
    }
}
