using System.Runtime.ExceptionServices;

namespace SharpServing.Kernels;

/// <summary>One parallel loop in progress. Its own monitor guards <see cref="_helpers"/>; the pool's guards the list links.</summary>
internal sealed unsafe class WorkerJob
{
    private void* _body;
    private delegate*<void*, int, void> _invoke;
    private int _next;
    private int _total;
    private int _maxHelpers;
    private int _helpers;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Next in the pool's list of running jobs.</summary>
    public WorkerJob? Following { get; set; }

    public void Start(void* body, delegate*<void*, int, void> invoke, int total, int maxHelpers)
    {
        _body = body;
        _invoke = invoke;
        _total = total;
        _maxHelpers = maxHelpers;
        _failure = null;
        Volatile.Write(ref _next, 0);
    }

    /// <summary>A pool thread wants to help; under the pool's lock.</summary>
    public bool TryJoin()
    {
        lock (this)
        {
            if (_helpers >= _maxHelpers || Volatile.Read(ref _next) >= _total)
            {
                return false;
            }

            _helpers++;
            return true;
        }
    }

    public void Leave()
    {
        lock (this)
        {
            if (--_helpers == 0)
            {
                Monitor.Pulse(this);
            }
        }
    }

    /// <summary>Takes tiles until none is left. A failure stops all threads after their tile.</summary>
    public void RunTiles()
    {
        try
        {
            int tile;
            while ((tile = Interlocked.Increment(ref _next) - 1) < _total)
            {
                _invoke(_body, tile);
            }
        }
#pragma warning disable CA1031 // Any failure is rethrown on the thread that called the loop.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
            Volatile.Write(ref _next, _total);
        }
    }

    /// <summary>The caller's end, after no thread can join any more: waits for the helpers, throws the first failure.</summary>
    public void Finish()
    {
        lock (this)
        {
            while (_helpers > 0)
            {
                Monitor.Wait(this);
            }
        }

        ExceptionDispatchInfo? failure = _failure;
        _failure = null;
        _body = null;
        failure?.Throw();
    }
}
