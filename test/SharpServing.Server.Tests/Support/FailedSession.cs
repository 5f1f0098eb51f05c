using SharpServing.Runtime;

namespace SharpServing.Server.Tests.Support;

/// <summary>Stands for a model that did not load, so that only its own calls fail.</summary>
internal sealed class FailedSession : IGraphSession
{
    private readonly ServingStatus _status;

    public FailedSession(ServingStatus status) => _status = status;

    public ServingStatus TryPrepare(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets, out GraphCallable? callable)
    {
        callable = null;
        return _status;
    }

    public void Dispose()
    {
    }
}
