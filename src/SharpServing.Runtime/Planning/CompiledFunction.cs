using SharpServing.Runtime.Execution;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Planning;

/// <summary>A function compiled for one call site. Arguments that were given as constants are not passed again: pass any tensor there.</summary>
public sealed class CompiledFunction
{
    private readonly Lazy<Plan> _plan;

    internal CompiledFunction(string name, int resultCount, Func<Plan> compile)
    {
        Name = name;
        ResultCount = resultCount;
        _plan = new Lazy<Plan>(compile);
    }

    public string Name { get; }

    public int ResultCount { get; }

    internal Plan Plan => _plan.Value;

    /// <summary>Runs the function; each result holds one reference for the caller.</summary>
    /// <exception cref="StatusException">The first error of a step.</exception>
    public void Run(ReadOnlySpan<Tensor> arguments, Span<Tensor?> results, RunState run) =>
        Executor.Run(_plan.Value, arguments, results, run);

    /// <summary>Like <see cref="Run"/>, but takes over the references of <paramref name="arguments"/>, also when it fails.</summary>
    public void RunMoved(Span<Tensor?> arguments, Span<Tensor?> results, RunState run) =>
        Executor.RunMoved(_plan.Value, arguments, results, run);
}
