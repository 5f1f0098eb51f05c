namespace SharpServing.Serving;

/// <summary>
/// Up to a number of background threads for loads or unloads, started when work comes. Their priority is below normal where .NET can
/// set it; on Linux it cannot, and niceness is no way out: every thread that a load happens to start would inherit it for good.
/// </summary>
internal sealed class WorkThreads
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _work = new();
    private readonly string _name;
    private int _limit;
    private int _threads;

    public WorkThreads(string name, int limit)
    {
        _name = name;
        _limit = limit;
    }

    /// <summary>Most threads at once; 0 runs work on the caller's thread.</summary>
    public int Limit
    {
        get
        {
            lock (_gate)
            {
                return _limit;
            }
        }
    }

    public void SetLimit(int limit)
    {
        lock (_gate)
        {
            _limit = limit;
        }
    }

    /// <summary>Runs the work here when there are no threads, else queues it.</summary>
    public void Run(Action work)
    {
        lock (_gate)
        {
            if (_limit > 0)
            {
                _work.Enqueue(work);
                if (_threads < _limit)
                {
                    _threads++;
                    var thread = new Thread(Loop) { IsBackground = true, Name = _name, Priority = ThreadPriority.BelowNormal };
                    thread.Start();
                }

                return;
            }
        }

        work();
    }

    private void Loop()
    {
        while (true)
        {
            Action? work;
            lock (_gate)
            {
                if (!_work.TryDequeue(out work))
                {
                    _threads--;
                    return;
                }
            }

            work();
        }
    }
}
