namespace SharpServing.Serving;

/// <summary>
/// Remembers the last state of every version that was ever managed, and tells waiters. Versions stay listed after their end.
/// </summary>
public sealed class ServableStateMonitor
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SortedDictionary<long, ServableState>> _streams = [];
    private readonly List<StreamWaiter> _waiters = [];

    /// <summary>Records a state and wakes those who wait for it.</summary>
    public void Publish(ServableState state)
    {
        lock (_gate)
        {
            if (!_streams.TryGetValue(state.Id.Name, out SortedDictionary<long, ServableState>? versions))
            {
                _streams.Add(state.Id.Name, versions = []);
            }

            versions[state.Id.Version] = state;
            for (int i = _waiters.Count - 1; i >= 0; i--)
            {
                if (_waiters[i].Offer(state))
                {
                    _waiters.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>States of all versions of a stream, newest first; empty when the name is unknown.</summary>
    public IReadOnlyList<ServableState> GetStates(string name)
    {
        lock (_gate)
        {
            if (!_streams.TryGetValue(name, out SortedDictionary<long, ServableState>? versions))
            {
                return [];
            }

            var states = new ServableState[versions.Count];
            int next = states.Length;
            foreach (ServableState state in versions.Values)
            {
                states[--next] = state;
            }

            return states;
        }
    }

    public ServableState? Find(ServableId id)
    {
        lock (_gate)
        {
            return _streams.TryGetValue(id.Name, out SortedDictionary<long, ServableState>? versions)
                && versions.TryGetValue(id.Version, out ServableState state) ? state : null;
        }
    }

    /// <summary>
    /// Completes when every stream named has a version that is available, or one that ended after this call: the first of the two
    /// decides for its stream. Without limit; a stream without versions is waited for.
    /// </summary>
    /// <returns>Per stream, in the order of <paramref name="names"/>, the state that decided.</returns>
    public Task<IReadOnlyList<ServableState>> WaitUntilAvailableAsync(IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var waiter = new StreamWaiter(names);
        lock (_gate)
        {
            foreach (string name in names)
            {
                if (_streams.TryGetValue(name, out SortedDictionary<long, ServableState>? versions))
                {
                    foreach (ServableState state in versions.Values)
                    {
                        if (state.State == ManagerState.Available)
                        {
                            waiter.Offer(state);
                        }
                    }
                }
            }

            if (!waiter.CompleteIfDone())
            {
                _waiters.Add(waiter);
            }
        }

        return cancellation.CanBeCanceled ? WithCancellationAsync(waiter, cancellation) : waiter.Task;
    }

    private async Task<IReadOnlyList<ServableState>> WithCancellationAsync(StreamWaiter waiter, CancellationToken cancellation)
    {
        try
        {
            return await waiter.Task.WaitAsync(cancellation);
        }
        finally
        {
            lock (_gate)
            {
                _waiters.Remove(waiter);
            }
        }
    }
}
