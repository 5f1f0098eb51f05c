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

    public override ServingStatus Run(ReadOnlySpan<Tensor> feeds, Span<Tensor?> fetches, CancellationToken cancellation)
    {
        for (int i = 0; i < feeds.Length; i++)
        {
            if (feeds[i].DType != _feeds[i].Type)
            {
                return ServingStatus.InvalidArgument(
                    $"Expects arg[{ArgumentNumber(i)}] to be {_feeds[i].Type.ToName()} but {feeds[i].DType.ToName()} is provided");
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
