namespace SharpServing.Serving;

/// <summary>An event that a thread waits on with a limit by <see cref="TimeProvider"/>. A set that comes before the wait is kept.</summary>
internal sealed class WakeUp : IDisposable
{
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _event = new(initialState: false, spinCount: 0);
    private bool _disposed;

    public WakeUp(TimeProvider time) =>
        _timer = time.CreateTimer(static state => ((WakeUp)state!).Set(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Set()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _event.Set();
            }
        }
    }

    /// <summary>Waits for <see cref="Set"/> or until <paramref name="limit"/> is over; zero or less does not wait.</summary>
    public void Wait(TimeSpan limit)
    {
        if (limit > TimeSpan.Zero)
        {
            _timer.Change(limit, Timeout.InfiniteTimeSpan);
            _event.Wait();
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        _event.Reset();
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _disposed = true;
        }

        _event.Dispose();
    }
}
