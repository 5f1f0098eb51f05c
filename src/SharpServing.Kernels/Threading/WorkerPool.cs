namespace SharpServing.Kernels;

/// <summary>
/// Parallel loops: the caller and idle pool threads take tiles from a shared counter, so a slow thread never holds the others up, and a
/// busy pool costs the caller nothing but doing all tiles itself. Threads wait without spinning, start at the first loop that can use
/// them, and compute in <see cref="ComputeMode"/>. A loop inside a tile runs on its thread alone. No allocation per loop.
/// </summary>
public sealed unsafe class WorkerPool : IDisposable
{
    [ThreadStatic]
    private static WorkerPool? _current;

    [ThreadStatic]
    private static WorkerJob? _spareJob;

    [ThreadStatic]
    private static bool _insideTile;

    private readonly object _gate = new();
    private readonly ThreadPriority _priority;
    private readonly List<Thread> _threads = [];
    private WorkerJob? _firstJob;
    private int _idle;
    private int _degree;
    private bool _stopped;

    /// <param name="degree">Threads that may compute one loop, the caller among them; 1: the caller only. At least 1.</param>
    /// <param name="priority">Of the pool's threads; a load's pool runs below normal.</param>
    public WorkerPool(int degree, ThreadPriority priority = ThreadPriority.Normal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degree, 1);
        _degree = degree;
        _priority = priority;
    }

    /// <summary>The pool of the process: as many threads as processors unless <see cref="Degree"/> is set.</summary>
    public static WorkerPool Shared { get; } = new(Environment.ProcessorCount);

    /// <summary>The pool that kernels called on this thread use: <see cref="Shared"/> unless <see cref="Use"/> says otherwise.</summary>
    public static WorkerPool Current => _current ?? Shared;

    /// <summary>Threads that may compute one loop, the caller among them; 1: the caller only.</summary>
    public int Degree
    {
        get => Volatile.Read(ref _degree);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            Volatile.Write(ref _degree, value);
        }
    }

    /// <summary>Threads worth splitting for at this place: 1 inside a tile.</summary>
    public int AvailableDegree => _insideTile ? 1 : Degree;

    /// <summary>Makes <paramref name="pool"/> the thread's <see cref="Current"/>; returns the one before, to be set again.</summary>
    public static WorkerPool? Use(WorkerPool? pool)
    {
        WorkerPool? before = _current;
        _current = pool;
        return before;
    }

    /// <summary>Runs tiles 0 to <paramref name="tiles"/> - 1 and returns when all are done. Throws the first failure of a tile.</summary>
    public void For<TBody>(int tiles, TBody body)
        where TBody : unmanaged, IParallelBody
    {
        if (tiles > 1 && AvailableDegree > 1)
        {
            Share(&body, &InvokeTile<TBody>, tiles);
            return;
        }

        for (int tile = 0; tile < tiles; tile++)
        {
            body.Run(tile);
        }
    }

    /// <summary>Splits <paramref name="count"/> items into ranges of at least <paramref name="grain"/>; one range stays on the caller.</summary>
    /// <param name="count">Items.</param>
    /// <param name="grain">Items worth about 20 microseconds: less is not worth waking a thread.</param>
    /// <param name="body">The work.</param>
    public void ForRange<TBody>(long count, long grain, TBody body)
        where TBody : unmanaged, IRangeBody
    {
        int degree = AvailableDegree;
        if (degree > 1 && count >= 2 * grain)
        {
            int tiles = (int)Math.Min(count / grain, degree * 4L);
            var split = new RangeSplit<TBody> { Body = body, Count = count, Tiles = tiles };
            Share(&split, &InvokeTile<RangeSplit<TBody>>, tiles);
        }
        else if (count > 0)
        {
            body.Run(0, count);
        }
    }

    /// <summary>Ends the pool's threads. Loops still run, on their callers.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private static void InvokeTile<TBody>(void* body, int tile)
        where TBody : unmanaged, IParallelBody => ((TBody*)body)->Run(tile);

    private void Share(void* body, delegate*<void*, int, void> invoke, int tiles)
    {
        WorkerJob job = _spareJob ?? new WorkerJob();
        _spareJob = null;
        int helpers = Math.Min(Degree, tiles) - 1;
        job.Start(body, invoke, tiles, helpers);
        lock (_gate)
        {
            job.Following = _firstJob;
            _firstJob = job;
            while (!_stopped && _threads.Count < Degree - 1)
            {
                StartThread();
            }

            for (int wake = Math.Min(helpers, _idle); wake > 0; wake--)
            {
                Monitor.Pulse(_gate);
            }
        }

        _insideTile = true;
        job.RunTiles();
        _insideTile = false;
        lock (_gate)
        {
            Remove(job);
        }

        _spareJob = job;
        job.Finish();
    }

    private void StartThread()
    {
        var thread = new Thread(RunThread) { IsBackground = true, Name = "SharpServing worker", Priority = _priority };
        _threads.Add(thread);
        thread.UnsafeStart();
    }

    private void RunThread()
    {
        ComputeMode.SetForThread();
        _insideTile = true;
        Monitor.Enter(_gate);
        while (!_stopped)
        {
            WorkerJob? job = _firstJob;
            while (job is not null && !job.TryJoin())
            {
                job = job.Following;
            }

            if (job is null)
            {
                _idle++;
                Monitor.Wait(_gate);
                _idle--;
                continue;
            }

            Monitor.Exit(_gate);
            job.RunTiles();
            job.Leave();
            Monitor.Enter(_gate);
        }

        Monitor.Exit(_gate);
    }

    private void Remove(WorkerJob job)
    {
        if (ReferenceEquals(_firstJob, job))
        {
            _firstJob = job.Following;
        }
        else
        {
            WorkerJob before = _firstJob!;
            while (!ReferenceEquals(before.Following, job))
            {
                before = before.Following!;
            }

            before.Following = job.Following;
        }

        job.Following = null;
    }

    private struct RangeSplit<TBody> : IParallelBody
        where TBody : unmanaged, IRangeBody
    {
        public TBody Body;
        public long Count;
        public int Tiles;

        public readonly void Run(int tile)
        {
            TBody body = Body;
            body.Run(Count * tile / Tiles, Count * (tile + 1) / Tiles);
        }
    }
}
