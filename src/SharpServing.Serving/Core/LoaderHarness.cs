namespace SharpServing.Serving;

/// <summary>One managed version: its loader, its state, whether it is aspired. All members are guarded by the manager's lock.</summary>
internal sealed class LoaderHarness
{
    private static readonly HarnessState[] Failing = [HarnessState.LoadRequested, HarnessState.LoadApproved, HarnessState.Loading];

    public LoaderHarness(ServableId id, ILoader loader)
    {
        Id = id;
        Loader = loader;
    }

    public ServableId Id { get; }

    public ILoader Loader { get; }

    public HarnessState State { get; private set; } = HarnessState.New;

    public bool IsAspired { get; private set; } = true;

    /// <summary>Bytes reserved for it; 0 before the approval.</summary>
    public long ReservedBytes { get; set; }

    /// <summary>Set once the version is not aspired any more: ends retries and, if the loader looks, the load.</summary>
    public CancellationTokenSource NotAspired { get; } = new();

    public AspiredServableSnapshot Snapshot => new(Id.Version, State, IsAspired);

    /// <summary>The one way that versions go.</summary>
    public void Advance(HarnessState from, HarnessState to)
    {
        if (State != from || to != from + 1)
        {
            throw new InvalidOperationException($"{Id} is not in the state to go on: {(int)State}, wanted {(int)from} to {(int)to}.");
        }

        State = to;
    }

    public void Fail()
    {
        if (Array.IndexOf(Failing, State) < 0)
        {
            throw new InvalidOperationException($"{Id} cannot fail in state {(int)State}.");
        }

        State = HarnessState.Error;
    }

    /// <summary>Ends being aspired. The caller cancels <see cref="NotAspired"/> outside the lock.</summary>
    public void Unaspire() => IsAspired = false;
}
