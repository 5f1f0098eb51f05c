using SharpServing.Runtime.Graphs;

namespace SharpServing.Runtime.Import;

/// <summary>
/// Frames of TensorFlow 1 loops: Enter leads into the frame it names, Exit out of it, a node without inputs is in the root frame. Inputs of one
/// node, control inputs too, come from one frame.
/// </summary>
internal static class FrameValidator
{
    /// <exception cref="StatusException">INVALID_ARGUMENT: a node has inputs from different frames.</exception>
    public static void Validate(Graph graph)
    {
        List<Node> nodes = GraphWalk.Reachable(graph);
        if (!nodes.Exists(node => node.Op is "Enter" or "RefEnter"))
        {
            return;
        }

        Dictionary<Node, List<Node>> readers = GraphWalk.Readers(nodes);
        var found = new Dictionary<Node, (Frame Frame, Node From)>();
        var ready = new Queue<Node>();
        var root = new Frame("", null);
        foreach (Node node in nodes)
        {
            if (node.Inputs.Count == 0 && node.ControlInputs.Count == 0)
            {
                found[node] = (root, node);
                ready.Enqueue(node);
            }
        }

        while (ready.TryDequeue(out Node? node))
        {
            Frame inner = found[node].Frame;
            Frame frame = node.Op switch
            {
                "Enter" or "RefEnter" => new Frame(node.Attributes.String("frame_name"), inner),
                "Exit" or "RefExit" => inner.Outer ?? root,
                _ => inner,
            };
            foreach (Node reader in readers.GetValueOrDefault(node) ?? [])
            {
                if (found.TryAdd(reader, (frame, node)))
                {
                    ready.Enqueue(reader);
                }
                else if (found[reader].Frame.Name != frame.Name)
                {
                    (Frame other, Node from) = found[reader];
                    throw StatusException.InvalidArgument(
                        $"{{{{node {reader.Name}}}}} has inputs from different frames. The input {{{{node {node.Name}}}}} is in frame '{frame.Name}'. " +
                        $"The input {{{{node {from.Name}}}}} is in frame '{other.Name}'.");
                }
            }
        }
    }

    private sealed record Frame(string Name, Frame? Outer);
}
