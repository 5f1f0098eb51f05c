using SharpServing.Serving;

namespace SharpServing.Server.Services;

/// <summary>
/// Whether traffic should come: every configured model has a version that is available, and the server does not drain. The one source of
/// <c>/readyz</c> and of the gRPC health service, which only looks at the draining. Thread-safe.
/// </summary>
public sealed class Readiness
{
    private readonly IServableDirectory _directory;
    private readonly TaskCompletionSource _draining = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Readiness(IServableDirectory directory) => _directory = directory;

    /// <summary>The process was told to stop; it answers until the grace period is over. Never false again.</summary>
    public bool IsDraining => _draining.Task.IsCompleted;

    /// <summary>Completes when draining begins.</summary>
    public Task Draining => _draining.Task;

    public bool IsReady => !IsDraining && MissingModels().Count == 0;

    /// <summary>Turns readiness off for good.</summary>
    public void StartDraining() => _draining.TrySetResult();

    /// <summary>Configured models without an available version, in the order of the configuration.</summary>
    public IReadOnlyList<string> MissingModels()
    {
        List<string>? missing = null;
        foreach (string model in _directory.ConfiguredModels)
        {
            if (!HasAvailableVersion(model))
            {
                (missing ??= []).Add(model);
            }
        }

        return missing ?? (IReadOnlyList<string>)[];
    }

    /// <summary>Whether a request for the model's newest version finds one.</summary>
    public bool HasAvailableVersion(string model)
    {
        foreach (ServableState state in _directory.GetStates(model))
        {
            if (state.State == ManagerState.Available)
            {
                return true;
            }
        }

        return false;
    }
}
