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
    /// <summary>Reads the variable behind a reference: inserted wherever a reference goes into an input that takes a value.</summary>
    public const string ReadReferenceOp = "_ReadReference";

    private readonly GraphIndex _index;
    private readonly FunctionLibrary _library;
    private readonly NodeMaker _maker;

    static GraphImporter() => OpDefinitionTable.AddInternal($"{ReadReferenceOp}\tref:&T\tvalue:T\tT:type\tstateful");

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
        foreach (string feed in feeds)
        {
            (string name, int port) = TensorName.Parse(feed);
            NodeDef def = _index.Find(name) ?? throw MissingName(feed);
            Node source = _maker.Make(def, null, null);
            if (port >= source.OutputTypes.Length)
            {
                throw MissingName(feed);
            }

            Node argument = Graph.MakeArgument(name, graph.Arguments.Count, source.OutputTypes[port]);
            if (!fed.TryAdd((name, port), argument))
            {
                throw StatusException.InvalidArgument($"Endpoint \"{name}:{port}\" fed more than once.");
            }

            graph.Arguments.Add(argument);
        }

        var wiring = new Wiring(this, fed);
        foreach (string fetch in fetches)
        {
            (string name, int port) = TensorName.Parse(fetch);
            if (fed.ContainsKey((name, port)))
            {
                throw StatusException.InvalidArgument($"{fetch} is both fed and fetched.");
            }

            if (_index.Find(name) is null)
            {
                throw MissingName(fetch);
            }

            int outputs = wiring.Node(name).OutputTypes.Length;
            if (port >= outputs)
            {
                throw StatusException.OutOfRange(
                    $"Node '{name}' (type: '{wiring.Node(name).Op}', num of outputs: {outputs}) does not have output {port}");
            }

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
        ReadReferences(graph);
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
        ReadReferences(graph);
        return graph;
    }

    /// <summary>Makes the nodes of a function's body with <paramref name="arguments"/> in place of its argument tensors.</summary>
    public FunctionBody Instantiate(FunctionDef function, MapField<string, AttrValue> bindings, ReadOnlySpan<NodeOutput> arguments)
    {
        string functionName = function.Signature.Name;
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
            nodes[def.Name] = (_maker.Make(def, functionName, bindings), def);
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

                node.Inputs.Add(Resolve(input));
            }

            CheckInputs(node);
        }

        var results = new List<NodeOutput>();
        foreach (OpArgument output in signature.Outputs)
        {
            int count = NodeMaker.ExpandTypes([output], scope).Length;
            if (!function.Ret.TryGetValue(output.Name, out string? source))
            {
                throw StatusException.InvalidArgument($"Return {output.Name} missing.");
            }

            NodeOutput first = Resolve(source);
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

        NodeOutput Resolve(string text)
        {
            (string name, string? output, int index) = TensorName.ParseInFunction(text);
            if (output is null && argumentRanges.TryGetValue(name, out int at))
            {
                return actual[at + index];
            }

            if (argumentRanges.TryGetValue(name, out at) && !nodes.ContainsKey(name))
            {
                // An argument that is a list: name:index.
                return actual[at + int.Parse(output!, System.Globalization.CultureInfo.InvariantCulture)];
            }

            if (!nodes.TryGetValue(name, out (Node Node, NodeDef Def) source))
            {
                throw StatusException.InvalidArgument($"input {text} is not found in function {functionName}");
            }

            int offset = output is null ? 0 : NodeMaker.OutputOffset(source.Node.Definition, source.Node.Attributes, output);
            if (offset < 0 || offset + index >= source.Node.OutputTypes.Length)
            {
                throw StatusException.InvalidArgument($"input {text} is not found in function {functionName}");
            }

            return source.Node.Output(offset + index);
        }
    }

    internal static bool IsReferenceOutput(NodeOutput output)
    {
        int index = output.Index;
        IReadOnlyList<OpArgument> outputs = output.Node.Definition.Outputs;
        return index < outputs.Count && outputs[index].IsReference;
    }

    private static StatusException MissingName(string name) =>
        StatusException.InvalidArgument($"Tensor {WithPort(name)}, specified in either feed_devices or fetch_devices was not found in the Graph");

    private static string WithPort(string name)
    {
        (string node, int port) = TensorName.Parse(name);
        return $"{node}:{port}";
    }

    private static void CheckInputs(Node node)
    {
        DType[] expected = NodeMaker.ExpandTypes(node.Definition.Inputs, node.Attributes);
        if (expected.Length != node.Inputs.Count)
        {
            string text = $"NodeDef expected inputs '{string.Join(", ", expected.Select(type => type.ToName()))}' do not match {node.Inputs.Count} inputs specified; {node.Name}";
            throw Execution.NodeErrors.WithNode(StatusException.InvalidArgument(text), node.Name, node.FunctionName);
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

    /// <summary>Inserts a read before every input that takes a value but is wired to a reference.</summary>
    private static void ReadReferences(Graph graph)
    {
        foreach (Node node in GraphWalk.Reachable(graph))
        {
            int position = 0;
            foreach (OpArgument argument in node.Definition.Inputs)
            {
                int count = argument.TypeListAttribute is { } list ? node.Attributes.Types(list).Length
                    : argument.NumberAttribute is { } number ? (int)node.Attributes.Int(number)
                    : 1;
                for (int i = 0; i < count; i++, position++)
                {
                    if (!argument.IsReference && IsReferenceOutput(node.Inputs[position]))
                    {
                        node.Inputs[position] = MakeRead(node.Inputs[position], node.ControlInputs, node.FunctionName);
                    }
                }
            }
        }

        for (int i = 0; i < graph.Results.Count; i++)
        {
            if (IsReferenceOutput(graph.Results[i]))
            {
                graph.Results[i] = MakeRead(graph.Results[i], [], null);
            }
        }
    }

    private static NodeOutput MakeRead(NodeOutput reference, List<Node> controls, string? functionName)
    {
        OpDefinition definition = OpDefinitionTable.Find(ReadReferenceOp)!;
        var attributes = new Attributes.AttributeMap([], null);
        var read = new Node(reference.Node.Name, definition, attributes, [reference.Type]) { FunctionName = functionName };
        read.Inputs.Add(reference);
        read.ControlInputs.AddRange(controls);
        return read.Output(0);
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
