using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Planning;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Sessions;

/// <summary>A plan with the dtypes of its feeds.</summary>
internal sealed class CompiledCallable : GraphCallable
{
    private readonly Plan _plan;
    private readonly (string Name, DType Type)[] _feeds;
    private readonly Resources.SessionState _session;

    /// <summary>The plan and those of the functions it calls.</summary>
    private readonly IReadOnlyList<Plan> _plans;
    private RunState? _cachedRun;

    public CompiledCallable(Plan plan, (string Name, DType Type)[] feeds, Resources.SessionState session, IReadOnlyList<Plan> plans)
    {
        _plans = plans;
        _session = session;
        _plan = plan;
        _feeds = feeds;
    }

    /// <summary>Gives constants back; no run may be under way.</summary>
    public void Release()
    {
        foreach (Plan plan in _plans)
        {
            plan.Release();
        }
    }

    /// <summary>Runs only what some of the results need. The callable made owns nothing: this one must outlive it.</summary>
    /// <param name="calls">The nodes that the results were asked of.</param>
    public CompiledCallable Subset(ReadOnlySpan<int> results, IEnumerable<string> calls) =>
        new(PlanSubset.Make(_plan, results, calls), _feeds, _session, []);

    /// <summary>True for each feed that makes a difference.</summary>
    public bool[] FindReadFeeds() => PlanSubset.FindReadArguments(_plan);

    public override ServingStatus Run(ReadOnlySpan<Tensor> feeds, Span<Tensor?> fetches, CancellationToken cancellation)
    {
        for (int i = 0; i < feeds.Length; i++)
        {
            // A part of a signature is not given what it does not read.
            if (feeds[i] is { } feed && feed.DType != _feeds[i].Type)
            {
                return ServingStatus.InvalidArgument(
                    $"Expects arg[{ArgumentNumber(i)}] to be {_feeds[i].Type.ToName()} but {feed.DType.ToName()} is provided");
            }
        }

        RunState run = Interlocked.Exchange(ref _cachedRun, null) ?? new RunState(_session);
        run.Cancellation = cancellation;
        using Kernels.ComputeMode mode = Kernels.ComputeMode.Enter();
        try
        {
            Executor.Run(_plan, feeds, fetches, run);
            return ServingStatus.Ok;
        }
        catch (StatusException e)
        {
            return e.Status;
        }
        finally
        {
            run.Clear();
            _cachedRun = run;
        }
    }

    /// <summary>TensorFlow numbers feeds in the order of their names.</summary>
    private int ArgumentNumber(int feed)
    {
        int number = 0;
        foreach ((string name, _) in _feeds)
        {
            number += string.CompareOrdinal(name, _feeds[feed].Name) < 0 ? 1 : 0;
        }

        return number;
    }
}
