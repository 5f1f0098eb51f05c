using SharpServing.Runtime;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Verification.Tests;

/// <summary>Another backend, of which each run that succeeds is repeated and measured: what it allocates on the managed heap.</summary>
internal sealed class MeasuringBackend(VerifyBackend inner) : VerifyBackend
{
    private const int WarmRuns = 3;
    private const int Runs = 6;

    /// <summary>Bytes a run, the least of some runs, and the tensors that it answers with; in the order of requests.</summary>
    public List<(long Bytes, int Outputs)> Measured { get; } = [];

    public override ServingStatus TryOpenGraph(GraphDef graph, bool allowSoftPlacement, out IGraphSession? session)
    {
        ServingStatus status = inner.TryOpenGraph(graph, allowSoftPlacement, out session);
        session = session is null ? null : new Session(session, this);
        return status;
    }

    public override ServingStatus TryOpenModel(string directory, IReadOnlyCollection<string> tags, bool allowSoftPlacement, out IGraphSession? session)
    {
        ServingStatus status = inner.TryOpenModel(directory, tags, allowSoftPlacement, out session);
        session = session is null ? null : new Session(session, this);
        return status;
    }

    public override bool IsUnsupported(ServingStatus status) => inner.IsUnsupported(status);

    private sealed class Session(IGraphSession session, MeasuringBackend owner) : IGraphSession
    {
        public ServingStatus TryPrepare(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets, out GraphCallable? callable)
        {
            ServingStatus status = session.TryPrepare(feeds, fetches, targets, out callable);
            callable = callable is null ? null : new Callable(callable, owner);
            return status;
        }

        public void Dispose() => session.Dispose();
    }

    private sealed class Callable(GraphCallable callable, MeasuringBackend owner) : GraphCallable
    {
        public override ServingStatus Run(ReadOnlySpan<Tensor> feeds, Span<Tensor?> fetches, CancellationToken cancellation)
        {
            var again = new Tensor?[fetches.Length];
            long least = long.MaxValue;
            for (int i = 0; i < WarmRuns + Runs; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                ServingStatus status = callable.Run(feeds, again, cancellation);
                long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
                foreach (ref Tensor? tensor in again.AsSpan())
                {
                    tensor?.Release();
                    tensor = null;
                }

                if (!status.IsOk)
                {
                    return status;
                }

                least = i < WarmRuns ? least : Math.Min(least, bytes);
            }

            owner.Measured.Add((least, fetches.Length));
            return callable.Run(feeds, fetches, cancellation);
        }
    }
}
