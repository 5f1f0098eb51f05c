namespace SharpServing.Server.Tests.Scenarios;

/// <summary>The system's clock, some times as fast: recorded scenarios wait for whole seconds.</summary>
internal sealed class FastTimeProvider : TimeProvider
{
    private readonly int _factor;

    public FastTimeProvider(int factor) => _factor = factor;

    public override long TimestampFrequency => System.TimestampFrequency / _factor;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(this, System.CreateTimer(callback, state, Scale(dueTime), Scale(period)));

    private TimeSpan Scale(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / _factor;

    private sealed class Timer(FastTimeProvider owner, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(owner.Scale(dueTime), owner.Scale(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
