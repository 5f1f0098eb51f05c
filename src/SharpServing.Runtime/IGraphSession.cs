using SharpServing.Tensors;

namespace SharpServing.Runtime;

/// <summary>One loaded graph with its state (variables, tables), as TensorFlow's <c>Session</c>. Thread-safe.</summary>
public interface IGraphSession : IDisposable
{
    /// <summary>A run may wait for other runs, however short it is itself.</summary>
    bool WaitsForOthers => false;

    /// <summary>
    /// Compiles, or finds in the cache, the part of the graph that computes <paramref name="fetches"/> and runs
    /// <paramref name="targets"/> from <paramref name="feeds"/>. Names are <c>node:port</c>; <c>:0</c> may be left out.
    /// </summary>
    /// <returns>TensorFlow's code and text for names that do not exist and for parts that cannot run.</returns>
    ServingStatus TryPrepare(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets, out GraphCallable? callable);
}

/// <summary>A compiled part of a graph. Thread-safe; keeps no state of its own between runs.</summary>
public abstract class GraphCallable
{
    /// <summary>Runs on the calling thread (kernels may take idle pool threads beside it).</summary>
    /// <param name="feeds">One tensor a feed, in the order of preparation. The caller keeps its references.</param>
    /// <param name="fetches">Receives one tensor a fetch; the caller releases them. Left empty when the status is not OK.</param>
    /// <param name="cancellation">Checked between steps; the status is then CANCELLED or, by the caller's choice, something else.</param>
    public abstract ServingStatus Run(ReadOnlySpan<Tensor> feeds, Span<Tensor?> fetches, CancellationToken cancellation);
}
