namespace SharpServing.Serving;

/// <summary>Waits until every one of some streams is decided. Guarded by the monitor's lock.</summary>
internal sealed class StreamWaiter
{
    private readonly TaskCompletionSource<IReadOnlyList<ServableState>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IReadOnlyList<string> _names;
    private readonly ServableState?[] _decided;
    private int _open;

    public StreamWaiter(IReadOnlyList<string> names)
    {
        _names = names;
        _decided = new ServableState?[names.Count];
        _open = names.Count;
    }

    public Task<IReadOnlyList<ServableState>> Task => _done.Task;

    /// <summary>Takes a state; true when nothing is open any more.</summary>
    public bool Offer(ServableState state)
    {
        if (state.State is not (ManagerState.Available or ManagerState.End))
        {
            return false;
        }

        for (int i = 0; i < _names.Count; i++)
        {
            if (_decided[i] is null && _names[i] == state.Id.Name)
            {
                _decided[i] = state;
                _open--;
            }
        }

        return CompleteIfDone();
    }

    public bool CompleteIfDone()
    {
        if (_open != 0)
        {
            return false;
        }

        var states = new ServableState[_decided.Length];
        for (int i = 0; i < states.Length; i++)
        {
            states[i] = _decided[i]!.Value;
        }

        _done.TrySetResult(states);
        return true;
    }
}
