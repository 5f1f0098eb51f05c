using SharpServing.Runtime;
using SharpServing.Tensors;

namespace SharpServing.Verification;

/// <summary>One run of a session: its feeds and what to fetch.</summary>
internal sealed class CaseRun
{
    private readonly List<(string Name, Tensor Value)> _feeds;
    private readonly string[] _fetches;
    private readonly string[] _targets;

    /// <param name="feeds">Sorted by name before they are fed, as the original's session does.</param>
    public CaseRun(IEnumerable<(string Name, Tensor Value)> feeds, IEnumerable<string> fetches, IEnumerable<string> targets)
    {
        _feeds = [.. feeds];
        _feeds.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        _fetches = [.. fetches];
        _targets = [.. targets];
    }

    /// <param name="outputs">One reference each for the caller; empty unless the status is OK.</param>
    /// <param name="wasPrepared">False when the part of the graph could not be compiled.</param>
    public ServingStatus Execute(IGraphSession session, TimeSpan timeout, out Tensor?[] outputs, out bool wasPrepared)
    {
        outputs = [];
        wasPrepared = false;
        var names = new string[_feeds.Count];
        var values = new Tensor[_feeds.Count];
        for (int i = 0; i < names.Length; i++)
        {
            (names[i], values[i]) = _feeds[i];
        }

        ServingStatus status = session.TryPrepare(names, _fetches, _targets, out GraphCallable? callable);
        if (!status.IsOk)
        {
            return status;
        }

        wasPrepared = true;
        var fetched = new Tensor?[_fetches.Length];
        using var cancellation = new CancellationTokenSource(timeout);
        status = callable!.Run(values, fetched, cancellation.Token);
        if (status.IsOk)
        {
            outputs = fetched;
        }

        return status;
    }
}
