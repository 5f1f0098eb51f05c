using SharpServing.Runtime;
using SharpServing.Tensors;

namespace SharpServing.Server.Tests.Support;

/// <summary>A session whose fetches are functions of the feeds, so that the front ends are tested without the graph runtime.</summary>
internal sealed class FakeGraph : IGraphSession
{
    private readonly Dictionary<string, Func<IReadOnlyDictionary<string, Tensor>, CancellationToken, Tensor>> _nodes = [];

    public bool Disposed { get; private set; }

    /// <summary>The function gives the caller one reference.</summary>
    public FakeGraph With(string name, Func<IReadOnlyDictionary<string, Tensor>, CancellationToken, Tensor> node)
    {
        _nodes[name] = node;
        return this;
    }

    public ServingStatus TryPrepare(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets, out GraphCallable? callable)
    {
        callable = null;
        foreach (string fetch in fetches)
        {
            if (!_nodes.ContainsKey(fetch))
            {
                return ServingStatus.InvalidArgument($"Tensor {fetch}, specified in either feed_devices or fetch_devices was not found in the Graph");
            }
        }

        callable = new Callable(this, feeds.ToArray(), fetches.ToArray());
        return ServingStatus.Ok;
    }

    public void Dispose() => Disposed = true;

    private sealed class Callable : GraphCallable
    {
        private readonly FakeGraph _graph;
        private readonly string[] _feeds;
        private readonly string[] _fetches;

        public Callable(FakeGraph graph, string[] feeds, string[] fetches)
        {
            _graph = graph;
            _feeds = feeds;
            _fetches = fetches;
        }

        public override ServingStatus Run(ReadOnlySpan<Tensor> feeds, Span<Tensor?> fetches, CancellationToken cancellation)
        {
            var values = new Dictionary<string, Tensor>();
            for (int i = 0; i < feeds.Length; i++)
            {
                values[_feeds[i]] = feeds[i];
            }

            try
            {
                for (int i = 0; i < fetches.Length; i++)
                {
                    fetches[i] = _graph._nodes[_fetches[i]](values, cancellation);
                }

                return ServingStatus.Ok;
            }
            catch (StatusException e)
            {
                return e.Status;
            }
            catch (OperationCanceledException)
            {
                return new ServingStatus(StatusCode.Cancelled, "cancelled");
            }
        }
    }
}
