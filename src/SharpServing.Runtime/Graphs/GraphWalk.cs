namespace SharpServing.Runtime.Graphs;

/// <summary>Walks over graphs that may still have cycles (TensorFlow 1 loops).</summary>
internal static class GraphWalk
{
    /// <summary>All nodes that results, targets and checks need, in no particular order.</summary>
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

        foreach (Node check in graph.Checks)
        {
            Push(check);
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

    /// <summary>For each node, those that take one of its outputs or wait for it.</summary>
    public static Dictionary<Node, List<Node>> Readers(List<Node> nodes)
    {
        var readers = new Dictionary<Node, List<Node>>();
        foreach (Node node in nodes)
        {
            foreach (Node source in node.Inputs.Select(input => input.Node).Concat(node.ControlInputs))
            {
                if (!readers.TryGetValue(source, out List<Node>? list))
                {
                    readers[source] = list = [];
                }

                list.Add(node);
            }
        }

        return readers;
    }
}
