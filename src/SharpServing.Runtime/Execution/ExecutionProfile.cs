using System.Diagnostics;

namespace SharpServing.Runtime.Execution;

/// <summary>Time per op over the runs of the current thread while a profile is set: where a model spends its time. Not for serving.</summary>
public sealed class ExecutionProfile
{
    [ThreadStatic]
    private static ExecutionProfile? _current;

    private readonly Dictionary<(string Op, string Name), (long Ticks, long Calls)> _steps = [];

    /// <summary>The profile of this thread, or <see langword="null"/>: nothing is measured.</summary>
    public static ExecutionProfile? Current
    {
        get => _current;
        set => _current = value;
    }

    /// <summary>Steps by op and node, longest first. Unit: milliseconds in sum. A step that runs a nested plan counts that plan's time too.</summary>
    public IEnumerable<(string Op, string Name, double Milliseconds, long Calls)> Steps =>
        _steps.OrderByDescending(pair => pair.Value.Ticks)
            .Select(pair => (pair.Key.Op, pair.Key.Name, Stopwatch.GetElapsedTime(0, pair.Value.Ticks).TotalMilliseconds, pair.Value.Calls));

    internal void Add(string op, string name, long ticks)
    {
        _steps.TryGetValue((op, name), out (long Ticks, long Calls) sum);
        _steps[(op, name)] = (sum.Ticks + ticks, sum.Calls + 1);
    }
}
