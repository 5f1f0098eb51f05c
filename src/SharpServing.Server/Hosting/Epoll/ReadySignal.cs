using System.Runtime.CompilerServices;

namespace SharpServing.Server.Hosting.Epoll;

/// <summary>
/// One bit that one flow awaits and the loop sets; what awaits goes on at once, on the thread that sets it. Setting it twice is setting
/// it once.
/// </summary>
/// <remarks>State: null (not set, nobody waits) → <see cref="IsSet"/> or the waiting continuation → set → null again when it is taken.</remarks>
internal sealed class ReadySignal : ICriticalNotifyCompletion
{
    private static readonly Action IsSet = static () => { };

    private Action? _state;

    public bool IsCompleted => ReferenceEquals(Volatile.Read(ref _state), IsSet);

    public ReadySignal GetAwaiter() => this;

    /// <summary>Takes the bit, before anything that it stands for is looked at.</summary>
    public void GetResult() => Interlocked.Exchange(ref _state, null);

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        if (Interlocked.CompareExchange(ref _state, continuation, null) is not null)
        {
            continuation();
        }
    }

    public void Set()
    {
        Action? before = Interlocked.Exchange(ref _state, IsSet);
        if (before is not null && !ReferenceEquals(before, IsSet))
        {
            before();
        }
    }
}
