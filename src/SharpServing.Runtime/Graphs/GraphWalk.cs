namespace SharpServing.Runtime.Graphs;

/// <summary>Walks over graphs that may still have cycles (TensorFlow 1 loops).</summary>
internal static class GraphWalk
{
    /// <summary>All nodes that results and targets need, in no particular order.</summary>
    public static List<Node> Reachable(Graph graph)
    {
        var seen = new HashSet<Node>();
        var found = new List<Node>();
        var stack = new Stack<Node>();
        foreach (NodeOutput result in graph.Results)
        {
            Push(result.Node);
        }

        foreach (Node target in graph.Targets)
        {
            Push(target);
        }

        while (stack.TryPop(out Node? node))
        {
            foreach (NodeOutput input in node.Inputs)
            {
                Push(input.Node);
            }

            foreach (Node control in node.ControlInputs)
            {
                Push(control);
            }
        }

        return found;

        void Push(Node node)
        {
            if (seen.Add(node))
            {
                found.Add(node);
                stack.Push(node);
            }
        }
    }
}
