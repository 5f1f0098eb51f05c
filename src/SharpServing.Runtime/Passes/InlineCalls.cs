using Google.Protobuf.Collections;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Import;
using SharpServing.Tensors;
using Tensorflow;
using NodeOutput = SharpServing.Runtime.Graphs.NodeOutput;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// Puts the bodies of called functions in place of the calls (PartitionedCall, StatefulPartitionedCall, and nodes whose op is a function).
/// Calls in a circle stay calls. Nodes with an effect run whether or not a result needs them, after what the call waits for and before
/// what waits for the call.
/// </summary>
internal sealed class InlineCalls : IGraphPass
{
    public string Name => "inline_calls";

    public void Run(Graph graph, PassContext context)
    {
        var chains = new Dictionary<Node, Chain>();
        while (true)
        {
            var outputs = new Dictionary<NodeOutput, NodeOutput>();
            var controls = new Dictionary<Node, List<Node>>();
            List<Node> reachable = GraphWalk.Reachable(graph);
            var kept = new KeptCalls(graph, reachable);
            bool hasSwitch = reachable.Exists(node => node.Op is "Switch" or "RefSwitch");
            foreach (Node call in reachable)
            {
                if (Target(call, context.Library) is not { } target)
                {
                    continue;
                }

                chains.TryGetValue(call, out Chain? chain);
                if (Chain.Contains(chain, target.Function.Signature.Name) || !Fits(call, target.Function, target.Bindings, context.Library))
                {
                    continue;
                }

                FunctionBody body = context.Importer.Instantiate(
                    target.Function, target.Bindings, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(call.Inputs));
                IEnumerable<Node> inputs = call.Inputs.Select(input => input.Node).Where(node => node.Op != Graph.ArgumentOp).Distinct();
                var inner = new Chain(target.Function.Signature.Name, chain is null ? call.Name : $"{chain.Path}/{call.Name}", chain);
                KeptCall? around = kept.Find(call, target.Function, inner.Path) ?? call.Origin?.Kept;
                foreach (Node node in body.Nodes)
                {
                    chains[node] = inner;
                    node.Origin = node.Origin! with { Kept = around };
                    node.Call = call.Call ?? call.Name;
                    if (node.Definition.IsStateful)
                    {
                        // A call starts when all its inputs are there.
                        node.ControlInputs.AddRange(call.ControlInputs);
                        node.ControlInputs.AddRange(inputs);
                    }
                    else if (hasSwitch && node.Inputs.Count == 0)
                    {
                        node.ControlInputs.AddRange(call.ControlInputs);
                    }
                }

                for (int i = 0; i < call.OutputTypes.Length; i++)
                {
                    outputs[call.Output(i)] = body.Results[i];
                }

                List<Node> after = [.. body.Effects];
                foreach (NodeOutput result in body.Results)
                {
                    after.Add(result.Node);
                }

                if (after.Count == 0)
                {
                    after.AddRange(call.ControlInputs);
                }

                controls[call] = after;
                graph.Targets.AddRange(body.Effects.Where(node => ConstantFolding.HasEffect(node, context)));
            }

            if (controls.Count == 0)
            {
                return;
            }

            graph.Redirect(outputs);
            RedirectControls(graph, controls);
        }
    }

    /// <summary>The function that a node calls, or <see langword="null"/>: the node is no call.</summary>
    public static (FunctionDef Function, MapField<string, AttrValue> Bindings)? Target(Node node, FunctionLibrary library)
    {
        if (node.Op is "PartitionedCall" or "StatefulPartitionedCall")
        {
            NameAttrList function = node.Attributes.Function("f");
            FunctionDef def = library.Find(function.Name)
                ?? throw StatusException.InvalidArgument($"Function {function.Name} is not defined.");
            return (def, function.Attr);
        }

        return library.Find(node.Op) is { } direct ? (direct, node.Attributes.Values) : null;
    }

    /// <summary>False for a call that does not go with its function: it stays, and says so in the run.</summary>
    private static bool Fits(Node call, FunctionDef function, MapField<string, AttrValue> bindings, FunctionLibrary library)
    {
        (DType[] arguments, DType[] results) = library.TypesOf(function, bindings);
        return arguments.AsSpan().SequenceEqual(call.Inputs.Select(input => input.Type).ToArray())
            && call.OutputTypes.Length <= results.Length
            && results.AsSpan(0, call.OutputTypes.Length).SequenceEqual(call.OutputTypes);
    }

    private static void RedirectControls(Graph graph, Dictionary<Node, List<Node>> controls)
    {
        for (int i = graph.Targets.Count - 1; i >= 0; i--)
        {
            if (controls.TryGetValue(graph.Targets[i], out List<Node>? after))
            {
                graph.Targets.RemoveAt(i);
                graph.Targets.AddRange(after);
            }
        }

        foreach (Node node in GraphWalk.Reachable(graph))
        {
            for (int i = node.ControlInputs.Count - 1; i >= 0; i--)
            {
                if (controls.TryGetValue(node.ControlInputs[i], out List<Node>? after))
                {
                    node.ControlInputs.RemoveAt(i);
                    node.ControlInputs.AddRange(after);
                }
            }
        }
    }

    /// <summary>The functions that a node was inlined from, innermost first, and the calling nodes, outermost first.</summary>
    private sealed record Chain(string Function, string Path, Chain? Outer)
    {
        public static bool Contains(Chain? chain, string function)
        {
            for (Chain? link = chain; link is not null; link = link.Outer)
            {
                if (link.Function == function)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
