using SharpServing.Runtime;
using SharpServing.Server.Monitoring;
using SharpServing.Tensors;

namespace SharpServing.Server.Batching;

/// <summary>Puts a run into its queue and waits for its rows.</summary>
internal sealed class BatchingCallable : GraphCallable
{
    private readonly BatchingQueue _queue;
    private readonly int[] _feedOrder;
    private readonly int[] _fetchOrder;
    private readonly ServingMetrics _metrics;

    /// <param name="feedOrder">For each feed of the queue, its position among the caller's.</param>
    /// <param name="fetchOrder">For each fetch of the queue, its position among the caller's.</param>
    public BatchingCallable(BatchingQueue queue, int[] feedOrder, int[] fetchOrder, ServingMetrics metrics)
    {
        _queue = queue;
        _feedOrder = feedOrder;
        _fetchOrder = fetchOrder;
        _metrics = metrics;
    }

    public override ServingStatus Run(ReadOnlySpan<Tensor> feeds, Span<Tensor?> fetches, CancellationToken cancellation)
    {
        ServingStatus status = TryFindSize(feeds, out int size);
        if (!status.IsOk)
        {
            return status;
        }

        var sorted = new Tensor[feeds.Length];
        for (int i = 0; i < sorted.Length; i++)
        {
            sorted[i] = feeds[_feedOrder[i]].AddRef();
            _metrics.CountInput(size);
        }

        var run = new BatchedRun(sorted, size, cancellation);
        try
        {
            status = _queue.Schedule(run);
            if (status.IsOk)
            {
                status = run.Wait();
            }

            for (int i = 0; status.IsOk && i < _fetchOrder.Length; i++)
            {
                fetches[_fetchOrder[i]] = run.Fetches[i].AddRef();
            }

            return status;
        }
        finally
        {
            run.Release();
        }
    }

    private static ServingStatus TryFindSize(ReadOnlySpan<Tensor> feeds, out int size)
    {
        size = 0;
        if (feeds.IsEmpty)
        {
            return BatchingFaults.NoInputs;
        }

        for (int i = 0; i < feeds.Length; i++)
        {
            if (feeds[i].Rank == 0)
            {
                return BatchingFaults.Scalar;
            }

            if (i > 0 && feeds[i].Shape[0] != size)
            {
                return BatchingFaults.UnequalSizes;
            }

            size = (int)Math.Min(feeds[i].Shape[0], int.MaxValue);
        }

        return ServingStatus.Ok;
    }
}
