using SharpServing.Runtime;
using SharpServing.Tensors;

namespace SharpServing.Verification;

/// <summary>One run of a session: its feeds and what to fetch.</summary>
internal sealed class CaseRun
{
    private readonly List<(string Name, Tensor Value)> _feeds;
    private readonly string[] _fetches;
    private readonly string[] _targets;
    private readonly bool _answersFeeds;

    /// <param name="feeds">Sorted by name before they are fed, as the original's session does.</param>
    public CaseRun(IEnumerable<(string Name, Tensor Value)> feeds, IEnumerable<string> fetches, IEnumerable<string> targets)
        : this(feeds, fetches, targets, answersFeeds: false)
    {
    }

    private CaseRun(IEnumerable<(string Name, Tensor Value)> feeds, IEnumerable<string> fetches, IEnumerable<string> targets, bool answersFeeds)
    {
        _answersFeeds = answersFeeds;
        _feeds = [.. feeds];
        _feeds.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        _fetches = [.. fetches];
        _targets = [.. targets];
    }

    /// <summary>A fetch that is fed is answered with its feed, as TensorFlow's Python client does; the session would refuse it.</summary>
    public CaseRun WithoutFedFetches() => new(_feeds, _fetches, _targets, answersFeeds: true);

    /// <param name="outputs">One reference each for the caller; empty unless the status is OK.</param>
    public ServingStatus Execute(IGraphSession session, TimeSpan timeout, out Tensor?[] outputs)
    {
        outputs = [];
        var names = new string[_feeds.Count];
        var values = new Tensor[_feeds.Count];
        for (int i = 0; i < names.Length; i++)
        {
            (names[i], values[i]) = _feeds[i];
        }

        string[] asked = _answersFeeds ? [.. _fetches.Where(f => FeedOf(f) is null)] : _fetches;
        if (asked.Length < _fetches.Length && asked.Length + _targets.Length == 0)
        {
            outputs = [.. _fetches.Select(f => FeedOf(f)!.AddRef())];
            return ServingStatus.Ok;
        }

        ServingStatus status = session.TryPrepare(names, asked, _targets, out GraphCallable? callable);
        if (!status.IsOk)
        {
            return status;
        }

        var fetched = new Tensor?[asked.Length];
        using var cancellation = new CancellationTokenSource(timeout);
        status = callable!.Run(values, fetched, cancellation.Token);
        if (status.IsOk)
        {
            int next = 0;
            outputs = asked.Length == _fetches.Length
                ? fetched
                : [.. _fetches.Select(f => FeedOf(f) is { } feed ? feed.AddRef() : fetched[next++])];
        }

        return status;
    }

    private Tensor? FeedOf(string fetch)
    {
        foreach ((string name, Tensor value) in _feeds)
        {
            if (name == fetch)
            {
                return value;
            }
        }

        return null;
    }
}
