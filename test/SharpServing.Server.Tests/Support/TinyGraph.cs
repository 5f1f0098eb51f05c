using System.Buffers;
using Google.Protobuf;
using SharpServing.Runtime;
using SharpServing.Server.Grpc;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Server.Tests.Support;

/// <summary>Runs graphs of placeholders, constants and identities, so that codecs are tested on the recorded models without the runtime.</summary>
internal sealed class TinyGraph : IGraphSession
{
    private readonly Dictionary<string, NodeDef> _nodes;

    public TinyGraph(GraphDef graph) => _nodes = graph.Node.ToDictionary(n => n.Name);

    public ServingStatus TryPrepare(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets, out GraphCallable? callable)
    {
        callable = new Callable(this, feeds.ToArray().Select(NodeOf).ToArray(), fetches.ToArray().Select(NodeOf).ToArray());
        return ServingStatus.Ok;
    }

    public void Dispose()
    {
    }

    private static string NodeOf(string tensor) => tensor.Split(':')[0].TrimStart('^');

    private Tensor Compute(string name, IReadOnlyDictionary<string, Tensor> feeds)
    {
        if (feeds.TryGetValue(name, out Tensor? fed))
        {
            return fed.AddRef();
        }

        NodeDef node = _nodes[name];
        switch (node.Op)
        {
            case "Const":
                TensorProtoReader.TryRead(new ReadOnlySequence<byte>(node.Attr["value"].Tensor.ToByteArray()), long.MaxValue, out Tensor? value).ShouldBeTrue();
                return value!;
            case "Identity":
                return Compute(NodeOf(node.Input[0]), feeds);
            default:
                throw StatusException.Unimplemented($"tiny: {node.Op}");
        }
    }

    private sealed class Callable : GraphCallable
    {
        private readonly TinyGraph _graph;
        private readonly string[] _feeds;
        private readonly string[] _fetches;

        public Callable(TinyGraph graph, string[] feeds, string[] fetches)
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
                DType wanted = (DType)(int)_graph._nodes[_feeds[i]].Attr["dtype"].Type;
                if (feeds[i].DType != wanted)
                {
                    return ServingStatus.InvalidArgument($"Expects arg[{i}] to be {wanted.ToName()} but {feeds[i].DType.ToName()} is provided");
                }
            }

            try
            {
                for (int i = 0; i < fetches.Length; i++)
                {
                    fetches[i] = _graph.Compute(_fetches[i], values);
                }

                return ServingStatus.Ok;
            }
            catch (StatusException e)
            {
                return e.Status;
            }
        }
    }
}
