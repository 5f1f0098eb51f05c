namespace SharpServing.Batching;

/// <summary>
/// Threads that serve any number of queues in turn: each takes the next batch that is full, closed, or has waited long enough.
/// </summary>
/// <remarks>Source of the rules: tensorflow/core/kernels/batching_util/shared_batch_scheduler.h.</remarks>
public sealed class SharedBatchScheduler<TTask> : IDisposable
    where TTask : class, IBatchTask
{
    private readonly List<BatchQueue<TTask>> _queues = [];
    private readonly List<Thread> _threads = [];
    private readonly int _threadCount;
    private readonly string _name;
    private readonly ITimer _timer;
    private readonly TimeProvider _time;
    private long _timerDue = long.MaxValue;
    private int _next;
    private bool _disposed;

    /// <param name="threads">Batches at a time; at least one. They start with the first queue.</param>
    /// <param name="name">Of the threads.</param>
    /// <param name="time">Clock of the queues' timeouts.</param>
    public SharedBatchScheduler(int threads, string name, TimeProvider time)
    {
        _threadCount = Math.Max(threads, 1);
        _name = name;
        _time = time;
        _timer = time.CreateTimer(static state => ((SharedBatchScheduler<TTask>)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal object Gate { get; } = new();

    internal long Now => _time.GetTimestamp();

    /// <param name="split">
    /// Cuts a task: the first piece of at most the second argument's size (none when that is 0), the others of at most the third's.
    /// </param>
    /// <param name="process">Called on a thread of the scheduler, for several batches at once. Must not throw.</param>
    public BatchQueue<TTask> AddQueue(BatchQueueOptions options, Func<TTask, int, int, IReadOnlyList<TTask>> split, Action<Batch<TTask>> process)
    {
        var queue = new BatchQueue<TTask>(this, options, split, process);
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _queues.Add(queue);
            while (_threads.Count < _threadCount)
            {
                var thread = new Thread(Run) { IsBackground = true, Name = _name };
                _threads.Add(thread);
                thread.Start();
            }
        }

        return queue;
    }

    /// <summary>Ends the threads; the queues are disposed before.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            _disposed = true;
            Wake();
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _timer.Dispose();
    }

    /// <summary>As the clock counts.</summary>
    internal long ToTicks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    /// <summary>Caller holds the lock.</summary>
    internal void Wake() => Monitor.PulseAll(Gate);

    /// <summary>Caller holds the lock.</summary>
    internal void Remove(BatchQueue<TTask> queue) => _queues.Remove(queue);

    private void OnTimer()
    {
        lock (Gate)
        {
            _timerDue = long.MaxValue;
            Wake();
        }
    }

    private void Run()
    {
        while (true)
        {
            BatchQueue<TTask> queue;
            Batch<TTask>? batch;
            lock (Gate)
            {
                while (!TryTake(out queue, out batch))
                {
                    if (_disposed)
                    {
                        return;
                    }

                    ArmTimer();
                    Monitor.Wait(Gate);
                }
            }

            queue.Process(batch!);
            lock (Gate)
            {
                queue.EndProcessing();
                Wake();
            }
        }
    }

    /// <summary>Queues take turns.</summary>
    private bool TryTake(out BatchQueue<TTask> queue, out Batch<TTask>? batch)
    {
        long now = Now;
        for (int i = 0; i < _queues.Count; i++)
        {
            int index = (_next + i) % _queues.Count;
            queue = _queues[index];
            if (queue.TryTake(now, out batch))
            {
                _next = index + 1;
                return true;
            }
        }

        queue = null!;
        batch = null;
        return false;
    }

    private void ArmTimer()
    {
        long due = long.MaxValue;
        foreach (BatchQueue<TTask> queue in _queues)
        {
            due = queue.Due is { } next && next < due ? next : due;
        }

        if (due < _timerDue)
        {
            _timerDue = due;
            TimeSpan left = _time.GetElapsedTime(Now, due);
            _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
