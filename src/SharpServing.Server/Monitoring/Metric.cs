using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SharpServing.Server.Monitoring;

/// <summary>
/// One metric with its cells, one a combination of label values. Thread-safe; a cell that is there is found without a lock.
/// </summary>
/// <typeparam name="TCell">What is counted.</typeparam>
internal abstract class Metric<TCell> : IMetric
    where TCell : class
{
    /// <summary>Clients choose some label values (names of models that do not exist): beyond this many cells the rest share one.</summary>
    private const int MaxCells = 10_000;

    private static readonly LabelValues Overflow = new("(other)", "(other)", "(other)");

    private readonly ConcurrentDictionary<LabelValues, TCell> _cells = new();
    private readonly Func<LabelValues, TCell> _make;

    protected Metric(string name, string kind, string[] labels, Func<TCell> make)
    {
        Name = name;
        Kind = kind;
        Labels = labels;
        _make = _ => make();
    }

    public string Name { get; }

    public string Kind { get; }

    protected string[] Labels { get; }

    public void WriteSamples(PrometheusText page)
    {
        var cells = _cells.ToArray();
        Array.Sort(cells, static (left, right) => LabelValues.Compare(left.Key, right.Key));
        foreach ((LabelValues values, TCell cell) in cells)
        {
            Write(page, values, cell);
        }
    }

    public long FirstValue()
    {
        var cells = _cells.ToArray();
        Array.Sort(cells, static (left, right) => LabelValues.Compare(left.Key, right.Key));
        return cells.Length == 0 ? 0 : ValueOf(cells[0].Value);
    }

    protected TCell Cell(in LabelValues values)
    {
        if (_cells.TryGetValue(values, out TCell? cell))
        {
            return cell;
        }

        return _cells.GetOrAdd(_cells.Count < MaxCells ? values : Overflow, _make);
    }

    public abstract void AddTo(Meter meter);

    /// <summary>The name as OpenTelemetry writes names: <c>tensorflow.serving.request_count</c>.</summary>
    protected string DottedName => Name.TrimStart('/').Replace('/', '.');

    /// <summary>One value of each cell.</summary>
    protected IEnumerable<Measurement<TValue>> Measure<TValue>(Func<TCell, TValue> read)
        where TValue : struct
    {
        foreach ((LabelValues values, TCell cell) in _cells)
        {
            yield return new Measurement<TValue>(read(cell), TagsOf(values));
        }
    }

    protected IEnumerable<(KeyValuePair<string, object?>[] Tags, TCell Cell)> TaggedCells()
    {
        foreach ((LabelValues values, TCell cell) in _cells)
        {
            yield return (TagsOf(values), cell);
        }
    }

    protected abstract void Write(PrometheusText page, in LabelValues values, TCell cell);

    protected abstract long ValueOf(TCell cell);

    private KeyValuePair<string, object?>[] TagsOf(LabelValues values)
    {
        var tags = new KeyValuePair<string, object?>[Labels.Length];
        for (int i = 0; i < tags.Length; i++)
        {
            tags[i] = new KeyValuePair<string, object?>(Labels[i], values[i]);
        }

        return tags;
    }
}
