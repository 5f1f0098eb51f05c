namespace SharpServing.Runtime.Execution;

/// <summary>What all plans of one request share.</summary>
public sealed class RunState
{
    private const int MaxCallDepth = 200;

    private Dictionary<string, object>? _items;
    private int _callDepth;

    public RunState(Resources.SessionState session) => Session = session;

    /// <summary>State of the session that runs.</summary>
    public Resources.SessionState Session { get; }

    public CancellationToken Cancellation { get; internal set; }

    /// <summary>Objects that live as long as the request (tensor arrays, stacks), by name.</summary>
    public Dictionary<string, object> Items => _items ??= new Dictionary<string, object>(StringComparer.Ordinal);

    /// <exception cref="StatusException">CANCELLED: the caller went, or its deadline passed.</exception>
    public void ThrowIfCancelled()
    {
        if (Cancellation.IsCancellationRequested)
        {
            throw new StatusException(StatusCode.Cancelled, "Run was cancelled");
        }
    }

    /// <summary>Counts calls inside calls, which only recursion can make many.</summary>
    /// <exception cref="StatusException">INVALID_ARGUMENT: a function calls itself without end.</exception>
    public void EnterCall(string function)
    {
        if (++_callDepth > MaxCallDepth)
        {
            throw StatusException.InvalidArgument($"Function {function} calls itself more than {MaxCallDepth} deep");
        }
    }

    public void LeaveCall() => _callDepth--;

    internal void Clear()
    {
        _callDepth = 0;
        Cancellation = CancellationToken.None;
        if (_items is { Count: > 0 })
        {
            foreach (object item in _items.Values)
            {
                (item as IDisposable)?.Dispose();
            }

            _items.Clear();
        }
    }
}
