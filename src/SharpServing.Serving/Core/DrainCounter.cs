namespace SharpServing.Serving;

/// <summary>Counts down to zero; one thread waits for it. Unlike <see cref="CountdownEvent"/> it may be dropped while the last signal still runs.</summary>
internal sealed class DrainCounter
{
    private readonly object _gate = new();
    private int _left;

    public DrainCounter(int count) => _left = count;

    public void Signal()
    {
        lock (_gate)
        {
            if (--_left == 0)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    public void Wait()
    {
        lock (_gate)
        {
            while (_left > 0)
            {
                Monitor.Wait(_gate);
            }
        }
    }
}
