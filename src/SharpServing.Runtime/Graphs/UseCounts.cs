namespace SharpServing.Runtime.Graphs;

/// <summary>Who reads which output; made once for a graph and out of date as soon as the graph changes.</summary>
internal sealed class UseCounts
{
    private readonly Dictionary<NodeOutput, List<Node>> _readers = [];
    private readonly HashSet<NodeOutput> _results;
    private readonly HashSet<Node> _waitedFor = [];

    public UseCounts(Graph graph)
    {
        _results = [.. graph.Results];
        _waitedFor.UnionWith(graph.Targets);
        _waitedFor.UnionWith(graph.Checks);
        foreach (Node node in GraphWalk.Reachable(graph))
        {
            foreach (NodeOutput input in node.Inputs)
            {
                if (!_readers.TryGetValue(input, out List<Node>? readers))
                {
                    _readers[input] = readers = [];
                }

                readers.Add(node);
            }

            _waitedFor.UnionWith(node.ControlInputs);
        }
    }

    /// <summary>The one node that reads this output once, when nothing else can see it; else <see langword="null"/>.</summary>
    public Node? OnlyReader(NodeOutput output) =>
        !_results.Contains(output) && !_waitedFor.Contains(output.Node)
            && _readers.TryGetValue(output, out List<Node>? readers) && readers.Count == 1
            ? readers[0]
            : null;

    public bool IsRead(NodeOutput output) => _results.Contains(output) || _readers.ContainsKey(output);
}
