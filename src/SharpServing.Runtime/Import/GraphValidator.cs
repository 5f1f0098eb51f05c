using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>
/// What TensorFlow refuses when a graph is loaded, whether or not anything reaches it, in its order: unknown ops, versions, names, inputs that
/// are not there, then node by node (inputs before users) attributes and edges.
/// </summary>
internal static class GraphValidator
{
    private const int OldestProducer = 0;
    private const int ThisVersion = 2474;

    /// <returns>The nodes in the order in which TensorFlow adds them to its graph.</returns>
    /// <exception cref="StatusException">The refusal with TensorFlow's code and text.</exception>
    public static List<NodeDef> Validate(GraphDef graph, GraphImporter importer)
    {
        foreach (NodeDef node in graph.Node)
        {
            importer.FindDefinition(node.Op);
        }

        CheckVersions(graph.Versions ?? new VersionDef());
        Dictionary<string, int> names = CheckNames(graph);
        List<NodeDef> order = CheckStructure(graph, names);
        CheckNodes(order, importer);
        return order;
    }

    /// <summary>The node that an input names.</summary>
    private static string Source(string input) => input.StartsWith('^') ? input[1..] : TensorName.Parse(input).Node;

    private static void CheckVersions(VersionDef versions)
    {
        if (versions.MinConsumer > ThisVersion)
        {
            throw StatusException.InvalidArgument(
                $"GraphDef min consumer version {versions.MinConsumer} above current version {ThisVersion} for TensorFlow 2.21.0.  Please upgrade TensorFlow.");
        }

        if (versions.Producer < OldestProducer)
        {
            throw StatusException.InvalidArgument(
                $"GraphDef producer version {versions.Producer} below min producer {OldestProducer} supported by TensorFlow 2.21.0.  Please regenerate your graph.");
        }

        if (versions.BadConsumers.Contains(ThisVersion))
        {
            throw StatusException.InvalidArgument(
                $"GraphDef disallows consumer version {ThisVersion}.  Please upgrade TensorFlow: this version is likely buggy.");
        }
    }

    /// <summary>Positions of all nodes by name.</summary>
    private static Dictionary<string, int> CheckNames(GraphDef graph)
    {
        var names = new Dictionary<string, int>(graph.Node.Count, StringComparer.Ordinal);
        for (int i = 0; i < graph.Node.Count; i++)
        {
            NodeDef node = graph.Node[i];
            if (!IsName(node.Name))
            {
                throw StatusException.InvalidArgument($"Node '{node.Name}': Node name contains invalid characters");
            }

            if (!names.TryAdd(node.Name, i))
            {
                throw StatusException.InvalidArgument($"Node '{node.Name}' is not unique");
            }

            bool afterControl = false;
            foreach (string input in node.Input)
            {
                bool isControl = input.StartsWith('^');
                if (afterControl && !isControl)
                {
                    throw StatusException.InvalidArgument($"Node '{node.Name}': Control dependencies must come after regular dependencies");
                }

                afterControl |= isControl;
            }
        }

        return names;
    }

    /// <summary>Letters, digits, dots, dashes, slashes and underscores behind a letter, digit or dot; parts of this form joined by '>'.</summary>
    private static bool IsName(string name)
    {
        bool isFirst = true;
        foreach (char c in name)
        {
            if (isFirst ? !(char.IsAsciiLetterOrDigit(c) || c == '.') : !(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '/' or '_' or '>'))
            {
                return false;
            }

            isFirst = c == '>';
        }

        return !isFirst;
    }

    /// <summary>Every input is there, and every cycle goes through a NextIteration, else the graph can never start.</summary>
    private static List<NodeDef> CheckStructure(GraphDef graph, Dictionary<string, int> names)
    {
        int count = graph.Node.Count;
        int[] waiting = new int[count];
        var readers = new List<int>?[count];
        var ready = new PriorityQueue<int, int>();
        for (int i = 0; i < count; i++)
        {
            NodeDef node = graph.Node[i];
            foreach (string input in node.Input)
            {
                if (!names.TryGetValue(Source(input), out int source))
                {
                    throw StatusException.InvalidArgument($"Node '{node.Name}': Unknown input node '{input}'");
                }

                (readers[source] ??= []).Add(i);
            }

            // What comes around a loop is not waited for.
            waiting[i] = node.Op is "NextIteration" or "RefNextIteration" ? 0 : node.Input.Count;
            if (waiting[i] == 0)
            {
                ready.Enqueue(i, i);
            }
        }

        var order = new List<NodeDef>(count);
        while (ready.TryDequeue(out int next, out _))
        {
            order.Add(graph.Node[next]);
            foreach (int reader in readers[next] ?? [])
            {
                if (--waiting[reader] == 0)
                {
                    ready.Enqueue(reader, reader);
                }
            }
        }

        return order.Count == count ? order : throw StatusException.InvalidArgument($"{count - order.Count} nodes in a cycle");
    }

    private static void CheckNodes(List<NodeDef> order, GraphImporter importer)
    {
        var outputs = new Dictionary<string, EdgeType[]?>(order.Count, StringComparer.Ordinal);
        foreach (NodeDef node in order)
        {
            OpDefinition definition = importer.FindDefinition(node.Op);
            AttributeValidator.ValidateTypes(node, definition);
            outputs[node.Name] = Expand(node, definition, definition.Outputs);
        }

        foreach (NodeDef node in order)
        {
            OpDefinition definition = importer.FindDefinition(node.Op);
            CheckEdges(node, Expand(node, definition, definition.Inputs), outputs);
        }
    }

    /// <param name="expected"><see langword="null"/>: the node's attributes are broken, which a run says that gets there.</param>
    private static void CheckEdges(NodeDef node, EdgeType[]? expected, Dictionary<string, EdgeType[]?> outputs)
    {
        for (int i = 0; i < node.Input.Count && !node.Input[i].StartsWith('^'); i++)
        {
            (string source, int port) = TensorName.Parse(node.Input[i]);
            if (outputs[source] is not { } given)
            {
                continue;
            }

            if (port >= given.Length)
            {
                throw StatusException.InvalidArgument(
                    $"Node '{node.Name}': Connecting to invalid output {port} of source node {source} which has {given.Length} outputs.");
            }

            if (expected is null)
            {
                continue;
            }

            if (i >= expected.Length)
            {
                throw StatusException.InvalidArgument($"Input {i} of node {node.Name} does not exist. Node only has {expected.Length} inputs.");
            }

            if (given[port].Type != expected[i].Type || (expected[i].IsReference && !given[port].IsReference))
            {
                throw StatusException.InvalidArgument(
                    $"Input {i} of node {node.Name} was passed {given[port]} from {source}:{port} incompatible with expected {expected[i]}.");
            }
        }
    }

    private static EdgeType[]? Expand(NodeDef node, OpDefinition definition, IReadOnlyList<OpArgument> arguments)
    {
        var attributes = new AttributeMap(node.Attr, definition);
        var types = new List<EdgeType>(arguments.Count);
        try
        {
            foreach (OpArgument argument in arguments)
            {
                foreach (DType type in NodeMaker.ExpandTypes([argument], attributes))
                {
                    types.Add(new EdgeType(type, argument.IsReference));
                }
            }
        }
        catch (StatusException)
        {
            // Said by the run that reaches the node, as the original does.
            return null;
        }

        return [.. types];
    }

    private readonly record struct EdgeType(DType Type, bool IsReference)
    {
        public override string ToString() => IsReference ? $"{Type.ToName()}_ref" : Type.ToName();
    }
}
