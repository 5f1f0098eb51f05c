using Google.Protobuf.Collections;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;
using Tensorflow;
using NodeOutput = SharpServing.Runtime.Graphs.NodeOutput;

namespace SharpServing.Runtime.Import;

/// <summary>
/// GraphDef or FunctionDef → <see cref="Graph"/>: only what the fetches and targets need, wired, references to TensorFlow 1 variables
/// read where they are used.
/// </summary>
internal sealed class GraphImporter
{
    private readonly GraphIndex _index;
    private readonly FunctionLibrary _library;
    private readonly NodeMaker _maker;

    public GraphImporter(GraphIndex index, FunctionLibrary library)
    {
        _index = index;
        _library = library;
        _maker = new NodeMaker(library);
    }

    /// <exception cref="StatusException">NOT_FOUND: TensorFlow has no such op and the library no such function.</exception>
    public OpDefinition FindDefinition(string op) => _maker.FindDefinition(op);

    /// <exception cref="StatusException">A name does not exist, an op is unknown, an edge is broken.</exception>
    public Graph Import(ReadOnlySpan<string> feeds, ReadOnlySpan<string> fetches, ReadOnlySpan<string> targets)
    {
        var graph = new Graph();
        var fed = new Dictionary<(string, int), Node>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string feed in feeds)
        {
            (string name, int port) = Endpoint(feed);
            if (!names.Add(feed))
            {
                throw StatusException.InvalidArgument($"Endpoint \"{feed}\" fed more than once.");
            }

            Node source = _maker.Make(_index.Find(name)!, null, null);
            CheckPort(source, port);
            Node argument = Graph.MakeArgument(name, graph.Arguments.Count, source.OutputTypes[port]);

            // One tensor under two names has the value of the name that sorts first.
            if (!fed.TryGetValue((name, port), out Node? other) || string.CompareOrdinal(feed, feeds[other.ArgumentIndex]) < 0)
            {
                fed[(name, port)] = argument;
            }

            graph.Arguments.Add(argument);
        }

        var wiring = new Wiring(this, fed);
        foreach (string fetch in fetches)
        {
            (string name, int port) = Endpoint(fetch);
            if (fed.ContainsKey((name, port)))
            {
                throw StatusException.InvalidArgument($"{fetch} is both fed and fetched.");
            }

            CheckPort(wiring.Node(name), port);
            graph.Results.Add(wiring.Output(name, port));
        }

        var missing = new List<string>();
        foreach (string target in targets)
        {
            string name = TensorName.Parse(target).Node;
            if (_index.Find(name) is null)
            {
                missing.Add(name);
                continue;
            }

            graph.Targets.Add(wiring.Node(name));
        }

        if (missing.Count > 0)
        {
            throw StatusException.NotFound($"PruneForTargets: Some target nodes not found: {string.Join(' ', missing)} ");
        }

        wiring.Finish();
        FrameValidator.Validate(graph);
        ReferenceReads.Insert(graph);
        return graph;
    }

    /// <summary>The body of a function as a graph of its own: one argument node an argument tensor.</summary>
    /// <exception cref="StatusException">An op is unknown, an edge is broken.</exception>
    public Graph ImportFunction(FunctionDef function, MapField<string, AttrValue> bindings)
    {
        OpDefinition signature = _library.FindDefinition(function.Signature.Name)!;
        DType[] types = NodeMaker.ExpandTypes(signature.Inputs, new Attributes.AttributeMap(bindings, signature));
        var graph = new Graph();
        for (int i = 0; i < types.Length; i++)
        {
            graph.Arguments.Add(Graph.MakeArgument($"arg{i}", i, types[i]));
        }

        NodeOutput[] arguments = [.. graph.Arguments.Select(node => node.Output(0))];
        FunctionBody body = Instantiate(function, bindings, arguments);
        graph.Results.AddRange(body.Results);
        graph.Targets.AddRange(body.Effects);
        ReferenceReads.Insert(graph);
        return graph;
    }

    /// <summary>Makes the nodes of a function's body with <paramref name="arguments"/> in place of its argument tensors.</summary>
    public FunctionBody Instantiate(FunctionDef function, MapField<string, AttrValue> bindings, ReadOnlySpan<NodeOutput> arguments)
    {
        string functionName = function.Signature.Name;
        var origin = new NodeOrigin(functionName);
        OpDefinition signature = _library.FindDefinition(functionName)!;
        var scope = new Attributes.AttributeMap(bindings, signature);
        var argumentRanges = new Dictionary<string, int>(StringComparer.Ordinal);
        int next = 0;
        foreach (OpArgument argument in signature.Inputs)
        {
            argumentRanges[argument.Name] = next;
            next += NodeMaker.ExpandTypes([argument], scope).Length;
        }

        if (next != arguments.Length)
        {
            throw StatusException.InvalidArgument($"Function {functionName} takes {next} arguments but was called with {arguments.Length}");
        }

        NodeOutput[] actual = arguments.ToArray();
        var nodes = new Dictionary<string, (Node Node, NodeDef Def)>(StringComparer.Ordinal);
        foreach (NodeDef def in function.NodeDef)
        {
            nodes[def.Name] = (_maker.Make(def, origin, bindings), def);
        }

        foreach ((Node node, NodeDef def) in nodes.Values)
        {
            foreach (string input in def.Input)
            {
                if (input.StartsWith('^'))
                {
                    if (nodes.TryGetValue(input[1..], out (Node Node, NodeDef Def) control))
                    {
                        node.ControlInputs.Add(control.Node);
                    }

                    continue;
                }

                node.Inputs.Add(TryResolve(input) ?? throw StatusException.InvalidArgument($"input {input} is not found in function {functionName}"));
            }

            CheckInputs(node);
        }

        var results = new List<NodeOutput>();
        foreach (OpArgument output in signature.Outputs)
        {
            int count = NodeMaker.ExpandTypes([output], scope).Length;
            string place = $"\n\tIn function output {output.Name}:{TypeText(output)}";
            if (!function.Ret.TryGetValue(output.Name, out string? source))
            {
                throw StatusException.InvalidArgument($"Return {output.Name} missing.{place}");
            }

            NodeOutput first = TryResolve(source) ?? throw StatusException.InvalidArgument($"Return {output.Name} -> {source} is not found.{place}");
            for (int i = 0; i < count; i++)
            {
                results.Add(new NodeOutput(first.Node, first.Index + i));
            }
        }

        var effects = new List<Node>();
        foreach ((Node node, _) in nodes.Values)
        {
            if (node.Definition.IsStateful)
            {
                effects.Add(node);
            }
        }

        foreach (string control in function.ControlRet.Values)
        {
            if (nodes.TryGetValue(control, out (Node Node, NodeDef Def) found) && !effects.Contains(found.Node))
            {
                effects.Add(found.Node);
            }
        }

        return new FunctionBody(results, effects, [.. nodes.Values.Select(pair => pair.Node)]);

        NodeOutput? TryResolve(string text)
        {
            (string name, string? output, int index) = TensorName.ParseInFunction(text);
            if (argumentRanges.TryGetValue(name, out int at) && (output is null || !nodes.ContainsKey(name)))
            {
                // An argument that is a list: name:index.
                return actual[at + (output is null ? index : int.Parse(output, System.Globalization.CultureInfo.InvariantCulture))];
            }

            if (!nodes.TryGetValue(name, out (Node Node, NodeDef Def) source))
            {
                return null;
            }

            int offset = output is null ? 0 : NodeMaker.OutputOffset(source.Node.Definition, source.Node.Attributes, output);
            return offset < 0 || offset + index >= source.Node.OutputTypes.Length ? null : source.Node.Output(offset + index);
        }
    }

    private static string TypeText(OpArgument argument) => argument.TypeListAttribute ?? argument.TypeAttribute ?? argument.Type.ToName();

    private static void CheckPort(Node node, int port)
    {
        int outputs = node.OutputTypes.Length;
        if (port < 0 || port >= outputs)
        {
            throw StatusException.OutOfRange($"Node '{node.Name}' (type: '{node.Op}', num of outputs: {outputs}) does not have output {port}");
        }
    }

    /// <summary>A feed or fetch; a control output (<c>^node</c>) is port -1.</summary>
    private (string Node, int Port) Endpoint(string text)
    {
        (string node, int port) = text.StartsWith('^') ? (text[1..], -1) : TensorName.Parse(text);
        return _index.Find(node) is not null
            ? (node, port)
            : throw StatusException.InvalidArgument($"Tensor {node}:{port}, specified in either feed_devices or fetch_devices was not found in the Graph");
    }

    private static void CheckInputs(Node node)
    {
        DType[] expected = NodeMaker.ExpandTypes(node.Definition.Inputs, node.Attributes);
        if (expected.Length > node.Inputs.Count && node.FunctionName is null)
        {
            throw StatusException.InvalidArgument($"Incomplete graph, missing {expected.Length - node.Inputs.Count} inputs for {node.Name}");
        }

        if (expected.Length != node.Inputs.Count)
        {
            string text = $"NodeDef expected inputs '{string.Join(", ", expected.Select(type => type.ToName()))}' do not match {node.Inputs.Count} inputs specified; {node.Name}";
            throw Execution.NodeErrors.WithNode(StatusException.InvalidArgument(text), node.Name, node.Origin);
        }

        for (int i = 0; i < expected.Length; i++)
        {
            NodeOutput input = node.Inputs[i];
            if (input.Type != expected[i])
            {
                throw StatusException.InvalidArgument(
                    $"Input {i} of node {node.Name} was passed {input.Type.ToName()} from {input.Node.Name}:{input.Index} incompatible with expected {expected[i].ToName()}.");
            }
        }
    }

    /// <summary>Makes nodes of the main graph on demand and wires them when all are known.</summary>
    private sealed class Wiring
    {
        private readonly GraphImporter _owner;
        private readonly Dictionary<(string, int), Node> _fed;
        private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);
        private readonly Queue<(Node Node, NodeDef Def)> _unwired = new();

        public Wiring(GraphImporter owner, Dictionary<(string, int), Node> fed)
        {
            _owner = owner;
            _fed = fed;
        }

        public Node Node(string name)
        {
            if (!_nodes.TryGetValue(name, out Node? node))
            {
                NodeDef def = _owner._index.Find(name)!;
                node = _owner._maker.Make(def, null, null);
                _nodes.Add(name, node);
                _unwired.Enqueue((node, def));
            }

            return node;
        }

        public NodeOutput Output(string name, int port) =>
            _fed.TryGetValue((name, port), out Node? argument) ? argument.Output(0) : Node(name).Output(port);

        public void Finish()
        {
            while (_unwired.TryDequeue(out (Node Node, NodeDef Def) item))
            {
                foreach (string input in item.Def.Input)
                {
                    (string name, int port) = input.StartsWith('^') ? (input[1..], -1) : TensorName.Parse(input);
                    if (_owner._index.Find(name) is null)
                    {
                        throw StatusException.InvalidArgument($"Node '{item.Def.Name}': Unknown input node '{input}'");
                    }

                    if (port < 0)
                    {
                        item.Node.ControlInputs.Add(Node(name));
                        continue;
                    }

                    NodeOutput output = Output(name, port);
                    if (output.Index >= output.Node.OutputTypes.Length)
                    {
                        throw StatusException.InvalidArgument(
                            $"Node '{item.Def.Name}': Connecting to invalid output {port} of source node {name} which has {output.Node.OutputTypes.Length} outputs.");
                    }

                    item.Node.Inputs.Add(output);
                }

                CheckInputs(item.Node);
            }
        }
    }
}
