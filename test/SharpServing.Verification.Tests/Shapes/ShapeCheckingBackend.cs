using SharpServing.Runtime;
using SharpServing.Runtime.Sessions;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Verification.Tests.Shapes;

/// <summary>The runtime, with each tensor of each run shown to a <see cref="ShapeChecker"/>.</summary>
internal sealed class ShapeCheckingBackend : VerifyBackend
{
    private readonly ShapeChecker _checker;
    private readonly RuntimeBackend _runtime;

    public ShapeCheckingBackend(ShapeChecker checker, string passes)
    {
        _checker = checker;
        _runtime = new RuntimeBackend(checker.Registry, new GraphSessionOptions { GraphPasses = passes, GraphReady = checker.Add });
    }

    public override ServingStatus TryOpenGraph(GraphDef graph, bool allowSoftPlacement, out IGraphSession? session)
    {
        ServingStatus status = _runtime.TryOpenGraph(graph, allowSoftPlacement, out session);
        session = session is null ? null : new Session(session, _checker, checksResults: true);
        return status;
    }

    public override ServingStatus TryOpenModel(string directory, IReadOnlyCollection<string> tags, bool allowSoftPlacement, out IGraphSession? session)
    {
        ServingStatus status = _runtime.TryOpenModel(directory, tags, allowSoftPlacement, out session);
        session = session is null ? null : new Session(session, _checker, checksResults: false);
        return status;
    }

    public override bool IsUnsupported(ServingStatus status) => _runtime.IsUnsupported(status);

    /// <summary>Of a model the answers are not checked by themselves: one may be a part of another signature's.</summary>
    private sealed class Session(IGraphSession inner, ShapeChecker checker, bool checksResults) : IGraphSession
    {
        public ServingStatus TryPrepare(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets, out GraphCallable? callable)
        {
            ServingStatus status = inner.TryPrepare(feeds, fetches, targets, out callable);
            callable = callable is null ? null : new Callable(callable, feeds.ToArray(), checker, checksResults);
            return status;
        }

        public void Dispose()
        {
            inner.Dispose();
            checker.Clear();
        }
    }

    private sealed class Callable(GraphCallable inner, string[] feedNames, ShapeChecker checker, bool checksResults) : GraphCallable
    {
        public override ServingStatus Run(ReadOnlySpan<Tensor> feeds, Span<Tensor?> fetches, CancellationToken cancellation)
        {
            checker.BeginRun(feedNames.Zip(feeds.ToArray()));
            ServingStatus status = inner.Run(feeds, fetches, cancellation);
            if (status.IsOk && checksResults)
            {
                checker.CheckResults(fetches);
            }

            checker.EndRun();
            return status;
        }
    }
}
