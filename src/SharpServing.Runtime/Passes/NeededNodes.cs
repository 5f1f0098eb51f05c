using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Registry;

namespace SharpServing.Runtime.Passes;

/// <summary>What of a graph has to run.</summary>
internal sealed class NeededNodes
{
    private readonly HashSet<Node> _all = [];
    private readonly HashSet<Node> _awaited = [];

    /// <param name="order">The graph's nodes, inputs before users.</param>
    /// <param name="keepControls">With Switch nodes control inputs are needed too: they carry deadness.</param>
    public NeededNodes(Graph graph, List<Node> order, PassContext context, bool keepControls)
    {
        _all.UnionWith(graph.Results.Select(result => result.Node));
        _all.UnionWith(graph.Targets);
        _all.UnionWith(graph.Checks);

        // Nodes that something needed waits for, and what comes before those: only the loops among them run.
        var waitedFor = new HashSet<Node>();
        for (int i = order.Count - 1; i >= 0; i--)
        {
            Node node = order[i];
            if (!_all.Contains(node) && waitedFor.Contains(node) && IsAwaited(node, context))
            {
                _awaited.Add(node);
                _all.Add(node);
            }

            if (_all.Contains(node) || ConstantFolding.HasEffect(node, context))
            {
                _all.Add(node);
                Add(_all, node.IsConstant ? [] : node.Inputs);
                (keepControls ? _all : waitedFor).UnionWith(node.ControlInputs);
            }
            else if (waitedFor.Contains(node))
            {
                Add(waitedFor, node.IsConstant ? [] : node.Inputs);
                waitedFor.UnionWith(node.ControlInputs);
            }
        }
    }

    public bool Contains(Node node) => _all.Contains(node);

    /// <summary>True for a loop whose values nobody reads, but whose end something waits for.</summary>
    public bool IsOnlyAwaited(Node node) => _awaited.Contains(node);

    private static bool IsAwaited(Node node, PassContext context) =>
        !node.IsConstant && context.Registry.Find(node.Op) is { } row && (row.Traits & OpTraits.RunsWhenAwaited) != OpTraits.None;

    private static void Add(HashSet<Node> found, List<NodeOutput> inputs)
    {
        foreach (NodeOutput input in inputs)
        {
            found.Add(input.Node);
        }
    }
}
