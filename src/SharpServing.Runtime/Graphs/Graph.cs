using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Graphs;

/// <summary>
/// The part of a GraphDef or function that one callable needs: what comes in (<see cref="Arguments"/>), what goes out
/// (<see cref="Results"/>), and nodes that must run for their effect (<see cref="Targets"/>). Nodes that none of these reach are dead weight.
/// </summary>
public sealed class Graph
{
    /// <summary>Op of a node that stands for a feed or a function argument.</summary>
    public const string ArgumentOp = "_Arg";

    private static readonly OpDefinition ArgumentDefinition = new() { Name = ArgumentOp, Inputs = [], Outputs = [], Attributes = [] };
    private static readonly OpDefinition ConstantDefinition = new() { Name = "Const", Inputs = [], Outputs = [], Attributes = [] };

    public List<Node> Arguments { get; } = [];

    public List<NodeOutput> Results { get; } = [];

    public List<Node> Targets { get; } = [];

    /// <summary>Nodes without effect or readers that run for their errors: a pass knows their values' shapes, but not that they succeed.</summary>
    public List<Node> Checks { get; } = [];

    public static Node MakeArgument(string name, int index, DType type) =>
        new(name, ArgumentDefinition, new AttributeMap([], null), [type]) { ArgumentIndex = index };

    /// <summary>Takes over one reference to <paramref name="value"/>.</summary>
    public static Node MakeConstant(string name, Tensor value)
    {
        var node = new Node(name, ConstantDefinition, new AttributeMap([], null), [value.DType]);
        node.SetConstantOutput(0, value);
        return node;
    }

    /// <summary>
    /// All nodes that results and targets need, inputs before users. Loops (NextIteration) have been turned into loop nodes before.
    /// </summary>
    /// <exception cref="StatusException">INVALID_ARGUMENT: the graph has a cycle.</exception>
    public List<Node> TopologicalOrder()
    {
        var order = new List<Node>();
        var state = new Dictionary<Node, bool>();
        var stack = new Stack<(Node Node, int Next)>();

        foreach (NodeOutput result in Results)
        {
            Visit(result.Node);
        }

        foreach (Node target in Targets)
        {
            Visit(target);
        }

        foreach (Node check in Checks)
        {
            Visit(check);
        }

        return order;

        void Visit(Node root)
        {
            if (state.ContainsKey(root))
            {
                return;
            }

            state[root] = false;
            stack.Push((root, 0));
            while (stack.TryPop(out (Node Node, int Next) top))
            {
                int controls = top.Node.ControlInputs.Count;
                int count = controls + top.Node.Inputs.Count;
                if (top.Next == count)
                {
                    state[top.Node] = true;
                    order.Add(top.Node);
                    continue;
                }

                stack.Push((top.Node, top.Next + 1));
                Node next = top.Next < controls ? top.Node.ControlInputs[top.Next] : top.Node.Inputs[top.Next - controls].Node;
                if (!state.TryGetValue(next, out bool done))
                {
                    state[next] = false;
                    stack.Push((next, 0));
                }
                else if (!done)
                {
                    throw StatusException.InvalidArgument($"Graph is invalid, contains a cycle through node '{next.Name}'");
                }
            }
        }
    }

    /// <summary>Makes every use of an output in <paramref name="replacements"/> use its replacement (followed to the end).</summary>
    public void Redirect(Dictionary<NodeOutput, NodeOutput> replacements)
    {
        if (replacements.Count == 0)
        {
            return;
        }

        // The walk follows the replacements: nodes that only they bring in are redirected too.
        RedirectAll(Results, replacements);
        var seen = new HashSet<Node>();
        var stack = new Stack<Node>();
        Push(Results);
        foreach (Node target in Targets)
        {
            PushNode(target);
        }

        foreach (Node check in Checks)
        {
            PushNode(check);
        }

        while (stack.TryPop(out Node? node))
        {
            RedirectAll(node.Inputs, replacements);
            Push(node.Inputs);
            foreach (Node control in node.ControlInputs)
            {
                PushNode(control);
            }
        }

        void Push(List<NodeOutput> outputs)
        {
            foreach (NodeOutput output in outputs)
            {
                PushNode(output.Node);
            }
        }

        void PushNode(Node node)
        {
            if (seen.Add(node))
            {
                stack.Push(node);
            }
        }
    }

    private static void RedirectAll(List<NodeOutput> outputs, Dictionary<NodeOutput, NodeOutput> replacements)
    {
        for (int i = 0; i < outputs.Count; i++)
        {
            NodeOutput output = outputs[i];
            while (replacements.TryGetValue(output, out NodeOutput next))
            {
                output = next;
            }

            outputs[i] = output;
        }
    }
}
