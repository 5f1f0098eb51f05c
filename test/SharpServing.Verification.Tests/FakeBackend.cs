using SharpServing.Runtime;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Verification.Tests;

/// <summary>Answers each run with what a function gives.</summary>
internal sealed class FakeBackend : VerifyBackend
{
    private const string Mark = "unsupported";

    public static readonly ServingStatus Unsupported = ServingStatus.Unimplemented(Mark);

    public Func<GraphDef, ServingStatus> Open { get; init; } = _ => ServingStatus.Ok;

    public Func<string[], (ServingStatus Status, Tensor?[] Outputs)> Answer { get; init; } = _ => (ServingStatus.Ok, []);

    public GraphDef? LastGraph { get; private set; }

    public override ServingStatus TryOpenGraph(GraphDef graph, bool allowSoftPlacement, out IGraphSession? session)
    {
        LastGraph = graph;
        ServingStatus status = Open(graph);
        session = status.IsOk ? new Session(this) : null;
        return status;
    }

    public override ServingStatus TryOpenModel(string directory, IReadOnlyCollection<string> tags, bool allowSoftPlacement, out IGraphSession? session) =>
        TryOpenGraph(new GraphDef(), allowSoftPlacement, out session);

    public override bool IsUnsupported(ServingStatus status) => status.Message == Mark;

    private sealed class Session(FakeBackend backend) : IGraphSession
    {
        public ServingStatus TryPrepare(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets, out GraphCallable? callable)
        {
            callable = new Callable(backend, [.. feeds, .. fetches, .. targets]);
            return ServingStatus.Ok;
        }

        public void Dispose()
        {
        }
    }

    private sealed class Callable(FakeBackend backend, string[] names) : GraphCallable
    {
        public override ServingStatus Run(ReadOnlySpan<Tensor> feeds, Span<Tensor?> fetches, CancellationToken cancellation)
        {
            (ServingStatus status, Tensor?[] outputs) = backend.Answer(names);
            outputs.AsSpan(0, Math.Min(outputs.Length, fetches.Length)).CopyTo(fetches);
            return status;
        }
    }
}
