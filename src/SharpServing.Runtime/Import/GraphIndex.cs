using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>The nodes of a GraphDef by name; of two with one name the first, until <see cref="GraphValidator"/> refuses them.</summary>
internal sealed class GraphIndex
{
    private readonly Dictionary<string, NodeDef> _nodes = new(StringComparer.Ordinal);

    public GraphIndex(GraphDef graph)
    {
        GraphDef = graph;
        foreach (NodeDef node in graph.Node)
        {
            _nodes.TryAdd(node.Name, node);
        }
    }

    public GraphDef GraphDef { get; }

    public NodeDef? Find(string name) => _nodes.GetValueOrDefault(name);
}
