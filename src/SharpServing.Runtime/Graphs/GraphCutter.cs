namespace SharpServing.Runtime.Graphs;

/// <summary>Copies a part of a graph into one of its own, from given outputs back to a boundary.</summary>
internal sealed class GraphCutter
{
    private readonly Dictionary<NodeOutput, NodeOutput> _boundary;
    private readonly Func<Node, bool> _isInside;
    private readonly Func<NodeOutput, NodeOutput> _capture;
    private readonly Dictionary<Node, Node> _copies = [];

    /// <param name="boundary">Outputs that become others (arguments) in the copy.</param>
    /// <param name="isInside">Nodes to copy; anything else is captured.</param>
    /// <param name="capture">Makes an argument for an output from outside.</param>
    public GraphCutter(Dictionary<NodeOutput, NodeOutput> boundary, Func<Node, bool> isInside, Func<NodeOutput, NodeOutput> capture)
    {
        _boundary = boundary;
        _isInside = isInside;
        _capture = capture;
    }

    public NodeOutput Copy(NodeOutput output)
    {
        Complete(output.Node);
        return Map(output);
    }

    public Node CopyNode(Node node)
    {
        Complete(node);
        return _copies[node];
    }

    public bool HasCopied(Node node) => _copies.ContainsKey(node);

    /// <summary>Copies a node and all that it needs, without recursion.</summary>
    private void Complete(Node root)
    {
        var pending = new Stack<Node>();
        Add(root);
        while (pending.TryPop(out Node? node))
        {
            Node copy = _copies[node];
            foreach (NodeOutput input in node.Inputs)
            {
                if (!_boundary.ContainsKey(input))
                {
                    Add(input.Node);
                }

                copy.Inputs.Add(Map(input));
            }

            foreach (Node control in node.ControlInputs)
            {
                // What is outside has happened before the loop, and loop plumbing orders nothing here.
                if (_isInside(control))
                {
                    Add(control);
                    copy.ControlInputs.Add(_copies[control]);
                }
            }
        }

        void Add(Node node)
        {
            if (_isInside(node) && _copies.TryAdd(node, node.Copy()))
            {
                pending.Push(node);
            }
        }
    }

    private NodeOutput Map(NodeOutput output) =>
        _boundary.TryGetValue(output, out NodeOutput mapped) ? mapped
            : _copies.TryGetValue(output.Node, out Node? copy) ? copy.Output(output.Index)
            : _capture(output);
}
