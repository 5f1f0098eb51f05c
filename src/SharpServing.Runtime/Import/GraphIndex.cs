using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>The nodes of a GraphDef by name.</summary>
internal sealed class GraphIndex
{
    private readonly Dictionary<string, NodeDef> _nodes = new(StringComparer.Ordinal);

    /// <exception cref="StatusException">INVALID_ARGUMENT: two nodes have one name.</exception>
    public GraphIndex(GraphDef graph)
    {
        GraphDef = graph;
        foreach (NodeDef node in graph.Node)
        {
            if (!_nodes.TryAdd(node.Name, node))
            {
                throw StatusException.InvalidArgument($"Node '{node.Name}' is not unique");
            }
        }
    }

    public GraphDef GraphDef { get; }

    public NodeDef? Find(string name) => _nodes.GetValueOrDefault(name);
}
