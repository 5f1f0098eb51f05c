namespace SharpServing.Batching;

/// <summary>
/// One queue of a <see cref="SharedBatchScheduler{TTask}"/>: batches that wait, and behind them the one being filled. Thread-safe: guarded by the
/// scheduler's lock. Source of the rules and texts: tensorflow/core/kernels/batching_util/shared_batch_scheduler.h.
/// </summary>
public sealed class BatchQueue<TTask> : IDisposable
    where TTask : class, IBatchTask
{
    private readonly SharedBatchScheduler<TTask> _owner;
    private readonly BatchQueueOptions _options;
    private readonly Func<TTask, int, int, IReadOnlyList<TTask>> _split;
    private readonly Queue<Batch<TTask>> _closed = new();
    private Batch<TTask> _open = new();
    private readonly long _timeout;
    private long _openSince;
    private int _processing;
    private bool _disposed;

    internal BatchQueue(
        SharedBatchScheduler<TTask> owner,
        BatchQueueOptions options,
        Func<TTask, int, int, IReadOnlyList<TTask>> split,
        Action<Batch<TTask>> process)
    {
        _owner = owner;
        _options = options;
        _timeout = owner.ToTicks(options.Timeout);
        _split = split;
        Process = process;
    }

    internal Action<Batch<TTask>> Process { get; }

    /// <summary>When a batch that is not full may go; null: none waits. Unit: ticks of the scheduler's clock.</summary>
    internal long? Due => _open.Tasks.Count > 0 ? _openSince + _timeout : null;

    private int Enqueued => _closed.Count + 1;

    /// <summary>Queues a task, or refuses it; then it is not processed.</summary>
    /// <returns>INVALID_ARGUMENT: too large; UNAVAILABLE: the queue is full, or closed.</returns>
    public ServingStatus Schedule(TTask task)
    {
        if (task.Size > _options.MaxTaskSize)
        {
            return ServingStatus.InvalidArgument($"Task size {task.Size} is larger than maximum input batch size {_options.MaxTaskSize}");
        }

        lock (_owner.Gate)
        {
            if (_disposed)
            {
                return new ServingStatus(StatusCode.Unavailable, "The batch scheduling queue is closed");
            }

            ServingStatus status = _options.SplitsTasks ? AddInPieces(task) : AddWhole(task);
            if (status.IsOk)
            {
                _owner.Wake();
            }

            return status;
        }
    }

    /// <summary>Takes no more tasks; returns when those that wait are processed.</summary>
    public void Dispose()
    {
        lock (_owner.Gate)
        {
            _disposed = true;
            _owner.Wake();
            while (_closed.Count > 0 || _open.Tasks.Count > 0 || _processing > 0)
            {
                Monitor.Wait(_owner.Gate);
            }

            _owner.Remove(this);
        }
    }

    /// <summary>The next batch that is ready. Caller holds the lock.</summary>
    internal bool TryTake(long now, out Batch<TTask>? batch)
    {
        if (!_closed.TryDequeue(out batch))
        {
            bool isReady = _open.Tasks.Count > 0 && (_disposed || _open.Size >= _options.MaxBatchSize || now >= _openSince + _timeout);
            if (!isReady)
            {
                return false;
            }

            batch = _open;
            _open = new Batch<TTask>();
        }

        _processing++;
        return true;
    }

    /// <summary>Caller holds the lock.</summary>
    internal void EndProcessing() => _processing--;

    private ServingStatus AddWhole(TTask task)
    {
        if (task.Size > _options.MaxTaskSize - _open.Size)
        {
            if (Enqueued >= _options.MaxEnqueuedBatches)
            {
                return Full($"currently {Enqueued} batches enqueued and max_enqueued_batches is {_options.MaxEnqueuedBatches}");
            }

            CloseOpen();
        }

        Add(task);
        return ServingStatus.Ok;
    }

    private ServingStatus AddInPieces(TTask task)
    {
        int left = _options.MaxBatchSize - _open.Size;
        long capacity = ((long)_options.MaxEnqueuedBatches - Enqueued) * _options.MaxBatchSize + left;
        if (task.Size > capacity)
        {
            return Full($"task size is {task.Size} but scheduling capacity is only {capacity} (num_enqueued_batches={Enqueued}, "
                + $"max_enqueued_batches={_options.MaxEnqueuedBatches}, open_batch_size={_open.Size}, max_execution_batch_size={_options.MaxBatchSize})");
        }

        foreach (TTask piece in task.Size <= left ? [task] : _split(task, left, _options.MaxBatchSize))
        {
            if (piece.Size > _options.MaxBatchSize - _open.Size)
            {
                CloseOpen();
            }

            Add(piece);
        }

        return ServingStatus.Ok;
    }

    private static ServingStatus Full(string detail) => new(
        StatusCode.Unavailable, $"The batch scheduling queue to which this task was submitted is full; {detail}");

    private void CloseOpen()
    {
        _closed.Enqueue(_open);
        _open = new Batch<TTask>();
    }

    private void Add(TTask task)
    {
        if (_open.Tasks.Count == 0)
        {
            _openSince = _owner.Now;
        }

        _open.Add(task);
    }
}
