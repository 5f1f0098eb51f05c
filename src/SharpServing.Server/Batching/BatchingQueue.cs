using System.Diagnostics;
using SharpServing.Batching;
using SharpServing.Runtime;
using SharpServing.Server.Monitoring;
using SharpServing.Tensors;

namespace SharpServing.Server.Batching;

/// <summary>
/// The runs of one session that feed and fetch the same tensors: puts them in batches, runs those, and gives each run its rows back.
/// Source: batching/batching_session.cc.
/// </summary>
internal sealed class BatchingQueue : IDisposable
{
    private readonly string[] _feeds;
    private readonly GraphCallable? _callable;
    private readonly ServingStatus _status;
    private readonly int _fetchCount;
    private readonly BatchingSettings _settings;
    private readonly ServingMetrics _metrics;
    private readonly BatchQueue<BatchedRun> _queue;

    /// <param name="callable">Takes <paramref name="feeds"/> in that order; null: every batch fails with <paramref name="status"/>.</param>
    public BatchingQueue(
        SharedBatchScheduler<BatchedRun> scheduler,
        BatchingSettings settings,
        ServingMetrics metrics,
        string[] feeds,
        int fetchCount,
        GraphCallable? callable,
        ServingStatus status)
    {
        _settings = settings;
        _metrics = metrics;
        _feeds = feeds;
        _fetchCount = fetchCount;
        _callable = callable;
        _status = status;
        _queue = scheduler.AddQueue(settings.Queue, static (run, first, most) => run.Split(first, most), Process);
    }

    public ServingStatus Schedule(BatchedRun run) => _queue.Schedule(run);

    public void Dispose() => _queue.Dispose();

    private static ServingStatus CheckOutputs(ReadOnlySpan<Tensor?> outputs, int rows)
    {
        foreach (Tensor? output in outputs)
        {
            if (output!.Rank == 0)
            {
                return BatchingFaults.ScalarOutput;
            }

            if (output.Shape[0] != rows)
            {
                return BatchingFaults.WrongOutputSize;
            }
        }

        return ServingStatus.Ok;
    }

    private static void Fail(Batch<BatchedRun> batch, ServingStatus status)
    {
        foreach (BatchedRun run in batch.Tasks)
        {
            run.Complete(status, []);
        }
    }

    private void Process(Batch<BatchedRun> batch)
    {
        bool isWanted = false;
        foreach (BatchedRun run in batch.Tasks)
        {
            _metrics.CountQueued(Stopwatch.GetElapsedTime(run.Enqueued));
            isWanted |= !run.Cancellation.IsCancellationRequested;
        }

        if (!isWanted)
        {
            Fail(batch, BatchingFaults.TimedOut);
            return;
        }

        var feeds = new Tensor?[_feeds.Length];
        var fetches = new Tensor?[_fetchCount];
        try
        {
            int rows = _settings.PaddedSize(batch.Size);
            _metrics.CountBatch(rows, rows - batch.Size);
            ServingStatus status = Merge(batch, rows, feeds);
            if (status.IsOk)
            {
                _metrics.CountBatchedRun();
                status = Run(batch, feeds!, fetches);
            }

            if (status.IsOk)
            {
                status = CheckOutputs(fetches, rows);
            }

            if (status.IsOk)
            {
                Deal(batch, fetches);
            }
            else
            {
                Fail(batch, status);
            }
        }
#pragma warning disable CA1031 // A batch that breaks must not take its thread along; its requests show what it was.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ServingStatus status = exception is StatusException known ? known.Status : ServingStatus.Internal(exception.Message);
            foreach (BatchedRun run in batch.Tasks)
            {
                run.TryFail(status);
            }
        }
        finally
        {
            foreach (Tensor? tensor in feeds)
            {
                tensor?.Release();
            }

            foreach (Tensor? tensor in fetches)
            {
                tensor?.Release();
            }
        }
    }

    private ServingStatus Merge(Batch<BatchedRun> batch, int rows, Tensor?[] feeds)
    {
        for (int i = 0; i < feeds.Length; i++)
        {
            if (batch.Tasks.Count == 1 && rows == batch.Size)
            {
                feeds[i] = batch.Tasks[0].Feeds[i].AddRef();
                continue;
            }

            var parts = new Tensor[batch.Tasks.Count];
            for (int t = 0; t < parts.Length; t++)
            {
                parts[t] = batch.Tasks[t].Feeds[i];
            }

            ServingStatus status = BatchTensors.TryConcat(parts, rows - batch.Size, _feeds[i], _settings.PadsVariableLengths, out feeds[i]);
            if (!status.IsOk)
            {
                return status;
            }
        }

        return ServingStatus.Ok;
    }

    /// <summary>Goes on as long as one of the batch's requests still waits.</summary>
    private ServingStatus Run(Batch<BatchedRun> batch, Tensor[] feeds, Tensor?[] fetches)
    {
        if (_callable is null)
        {
            return _status;
        }

        if (batch.Tasks.Count == 1)
        {
            return _callable.Run(feeds, fetches, batch.Tasks[0].Cancellation);
        }

        using var all = new CancellationTokenSource();
        int left = batch.Tasks.Count;
        var registrations = new CancellationTokenRegistration[left];
        for (int i = 0; i < registrations.Length; i++)
        {
            registrations[i] = batch.Tasks[i].Cancellation.UnsafeRegister(
                _ =>
                {
                    if (Interlocked.Decrement(ref left) == 0)
                    {
                        all.Cancel();
                    }
                },
                null);
        }

        try
        {
            return _callable.Run(feeds, fetches, all.Token);
        }
        finally
        {
            foreach (CancellationTokenRegistration registration in registrations)
            {
                registration.Dispose();
            }
        }
    }

    private static void Deal(Batch<BatchedRun> batch, Tensor?[] outputs)
    {
        int from = 0;
        foreach (BatchedRun run in batch.Tasks)
        {
            int first = from;
            run.Complete(ServingStatus.Ok, Array.ConvertAll(outputs, output => BatchTensors.Rows(output!, first, run.Size)));
            from += run.Size;
        }
    }
}
