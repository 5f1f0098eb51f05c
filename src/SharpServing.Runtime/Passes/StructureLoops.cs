using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.OpDefs;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// TensorFlow 1 loops (Enter, Merge, LoopCond, Switch, NextIteration, Exit) → one <c>_Loop</c> node each, innermost first. Enter nodes with
/// one frame name make one loop: a Merge of an Enter and a NextIteration is a variable, an Enter without Merge never changes.
/// </summary>
internal sealed class StructureLoops : IGraphPass
{
    public const string LoopOp = "_Loop";

    static StructureLoops() => OpDefinitionTable.AddInternal($"{LoopOp}\tinput:*T\toutput:*T\tT:list(type)\tstateful");

    public string Name => "structure_loops";

    public void Run(Graph graph, PassContext context)
    {
        while (true)
        {
            List<Node> nodes = GraphWalk.Reachable(graph);
            List<IGrouping<string, Node>> frames = [.. nodes.Where(node => node.Op is "Enter" or "RefEnter")
                .GroupBy(node => $"{node.FunctionName}/{node.Attributes.String("frame_name")}", StringComparer.Ordinal)];
            if (frames.Count == 0)
            {
                return;
            }

            Dictionary<Node, List<Node>> readers = GraphWalk.Readers(nodes);
            bool converted = false;
            foreach (IGrouping<string, Node> frame in frames)
            {
                if (Inside(frame, readers) is { } inside)
                {
                    Convert(graph, [.. frame], inside, context);
                    converted = true;
                    break;
                }
            }

            if (!converted)
            {
                throw StatusException.InvalidArgument($"The loop '{frames[0].Key}' is not one that SharpServing can run: its frames are entangled");
            }
        }
    }

    /// <summary>All nodes between a frame's Enter and Exit nodes, or <see langword="null"/>: another loop lies inside.</summary>
    private static HashSet<Node>? Inside(IEnumerable<Node> enters, Dictionary<Node, List<Node>> readers)
    {
        var inside = new HashSet<Node>(enters);
        var stack = new Stack<Node>(inside);
        while (stack.TryPop(out Node? node))
        {
            if (node.Op is "Exit" or "RefExit")
            {
                continue;
            }

            foreach (Node reader in readers.GetValueOrDefault(node) ?? [])
            {
                if (inside.Contains(reader))
                {
                    continue;
                }

                if (reader.Op is "Enter" or "RefEnter")
                {
                    return null;
                }

                inside.Add(reader);
                stack.Push(reader);
            }
        }

        return inside;
    }

    private static void Convert(Graph graph, List<Node> enters, HashSet<Node> inside, PassContext context)
    {
        Node? loopCondition = inside.FirstOrDefault(node => node.Op == "LoopCond");
        if (loopCondition is null)
        {
            throw StatusException.InvalidArgument($"The loop around '{enters[0].Name}' has no LoopCond");
        }

        var variables = new List<(Node Enter, Node Merge, Node Next)>();
        foreach (Node merge in inside.Where(node => node.Op is "Merge" or "RefMerge"))
        {
            Node? enter = merge.Inputs.Select(input => input.Node).FirstOrDefault(enters.Contains);
            Node? next = merge.Inputs.Select(input => input.Node).FirstOrDefault(node => node.Op is "NextIteration" or "RefNextIteration");
            if (enter is not null && next is not null)
            {
                variables.Add((enter, merge, next));
            }
        }

        List<Node> invariants = [.. enters.Except(variables.Select(variable => variable.Enter))];
        var loop = new LoopNode(variables, invariants, inside, loopCondition);
        Node node = loop.Make(context);
        graph.Redirect(loop.Exits(node));
        foreach (Node left in GraphWalk.Reachable(graph))
        {
            if (left.Op is "Enter" or "RefEnter" && inside.Contains(left) && !left.ControlInputs.Contains(node))
            {
                throw StatusException.Unimplemented($"SharpServing does not support: fetching a tensor inside the loop around '{loopCondition.Name}'");
            }
        }

        foreach (Node any in GraphWalk.Reachable(graph))
        {
            // Whoever waited for something in the loop waits for the loop.
            if (any.ControlInputs.RemoveAll(inside.Contains) > 0)
            {
                any.ControlInputs.Add(node);
            }
        }

        if (graph.Targets.RemoveAll(inside.Contains) > 0 || loop.HasEffects)
        {
            graph.Targets.Add(node);
        }
    }

    /// <summary>One loop on its way from scattered nodes to a node with two graphs.</summary>
    private sealed class LoopNode(
        List<(Node Enter, Node Merge, Node Next)> variables, List<Node> invariants, HashSet<Node> inside, Node loopCondition)
    {
        private readonly List<NodeOutput> _captured = [];
        private readonly Graph _condition = new();
        private readonly Graph _body = new();

        public bool HasEffects { get; private set; }

        public Node Make(PassContext context)
        {
            GraphCutter condition = Cutter(_condition, withSwitches: false);
            _condition.Results.Add(condition.Copy(loopCondition.Inputs[0]));

            GraphCutter body = Cutter(_body, withSwitches: true);
            foreach ((_, _, Node next) in variables)
            {
                _body.Results.Add(body.Copy(next.Inputs[0]));
            }

            // Effects that no variable needs still happen, each in its place.
            foreach (Node effect in inside)
            {
                if (ConstantFolding.HasEffect(effect, context) && !condition.HasCopied(effect) && !IsPlumbing(effect))
                {
                    _body.Targets.Add(body.CopyNode(effect));
                }
            }

            HasEffects = _body.Targets.Count > 0;
            List<NodeOutput> inputs = [
                .. variables.Select(variable => variable.Enter.Inputs[0]), .. invariants.Select(enter => enter.Inputs[0]), .. _captured];

            // The condition was cut before the body had captured anything: both take the same arguments.
            Complete(_condition, inputs);
            Complete(_body, inputs);
            // A condition that is no scalar fails in TensorFlow where the variables are switched.
            Node? firstSwitch = inside.Where(any => any.Op is "Switch" or "RefSwitch" && any.Inputs[1].Node == loopCondition)
                .MinBy(any => any.Name, StringComparer.Ordinal);
            var node = new Node(
                (firstSwitch ?? loopCondition).Name,
                OpDefinitionTable.Find(LoopOp)!,
                new AttributeMap([], null),
                [.. variables.Select(variable => variable.Enter.OutputTypes[0])])
            {
                Origin = loopCondition.Origin,
                Call = loopCondition.Call,
                Loop = new LoopGraphs(_condition, _body, variables.Count),
            };
            node.Inputs.AddRange(inputs);
            foreach (Node enter in variables.Select(variable => variable.Enter).Concat(invariants))
            {
                node.ControlInputs.AddRange(enter.ControlInputs.Where(control => !inside.Contains(control)));
            }

            return node;
        }

        public Dictionary<NodeOutput, NodeOutput> Exits(Node loop)
        {
            var exits = new Dictionary<NodeOutput, NodeOutput>();
            foreach (Node exit in inside.Where(node => node.Op is "Exit" or "RefExit"))
            {
                Node source = exit.Inputs[0].Node;
                int index = variables.FindIndex(variable => source == variable.Merge
                    || (source.Op is "Switch" or "RefSwitch" && source.Inputs[0].Node == variable.Merge));
                if (index < 0)
                {
                    throw StatusException.InvalidArgument($"Exit node '{exit.Name}' does not belong to a variable of its loop");
                }

                exits[exit.Output(0)] = loop.Output(index);
            }

            return exits;
        }

        private static bool IsPlumbing(Node node) =>
            node.Op is "Enter" or "RefEnter" or "Exit" or "RefExit" or "NextIteration" or "RefNextIteration" or "LoopCond";

        private static void Complete(Graph graph, List<NodeOutput> inputs)
        {
            for (int i = graph.Arguments.Count; i < inputs.Count; i++)
            {
                graph.Arguments.Add(Graph.MakeArgument(inputs[i].Node.Name, i, inputs[i].Type));
            }
        }

        private GraphCutter Cutter(Graph graph, bool withSwitches)
        {
            var boundary = new Dictionary<NodeOutput, NodeOutput>();
            foreach ((Node enter, Node merge, _) in variables)
            {
                Node argument = Graph.MakeArgument(enter.Name, graph.Arguments.Count, enter.OutputTypes[0]);
                graph.Arguments.Add(argument);
                boundary[merge.Output(0)] = argument.Output(0);
                if (withSwitches)
                {
                    foreach (Node node in inside)
                    {
                        if (node.Op is "Switch" or "RefSwitch" && node.Inputs[0].Node == merge && node.Inputs[1].Node == loopCondition)
                        {
                            boundary[node.Output(1)] = argument.Output(0);
                        }
                    }
                }
            }

            foreach (Node enter in invariants)
            {
                Node argument = Graph.MakeArgument(enter.Name, graph.Arguments.Count, enter.OutputTypes[0]);
                graph.Arguments.Add(argument);
                boundary[enter.Output(0)] = argument.Output(0);
            }

            var plumbing = new HashSet<Node>(boundary.Keys.Select(output => output.Node));
            return new GraphCutter(
                boundary, node => inside.Contains(node) && !plumbing.Contains(node) && !IsPlumbing(node), output => Capture(output, graph, boundary));
        }

        /// <summary>An output from outside that is used without an Enter: one more argument that never changes.</summary>
        private NodeOutput Capture(NodeOutput output, Graph graph, Dictionary<NodeOutput, NodeOutput> boundary)
        {
            int index = _captured.IndexOf(output);
            if (index < 0)
            {
                index = _captured.Count;
                _captured.Add(output);
            }

            int position = variables.Count + invariants.Count + index;
            while (graph.Arguments.Count <= position)
            {
                NodeOutput source = _captured[graph.Arguments.Count - variables.Count - invariants.Count];
                graph.Arguments.Add(Graph.MakeArgument(source.Node.Name, graph.Arguments.Count, source.Type));
            }

            NodeOutput argument = graph.Arguments[position].Output(0);
            boundary[output] = argument;
            return argument;
        }
    }
}
