using SharpServing.Runtime.Graphs;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// Drops control edges that order nothing anyone can see: kept behind an effect, behind a loop that is run for its end alone, and
/// between a look at a resource and a later effect. Kept where a Switch may make a branch dead, since deadness travels along them.
/// </summary>
internal sealed class PruneControlEdges : IGraphPass
{
    public string Name => "prune_control_edges";

    public void Run(Graph graph, PassContext context)
    {
        List<Node> order = graph.TopologicalOrder();
        if (order.Exists(node => node.Op is "Switch" or "RefSwitch" or "_SwitchN"))
        {
            return;
        }

        var targets = new HashSet<Node>(graph.Targets);
        HashSet<Node> behindEffect = Downstream(order, node => HasEffect(node));
        var needed = new NeededNodes(graph, order, context, keepControls: false);
        HashSet<Node> behindLoop = Downstream(order, needed.IsOnlyAwaited);
        HashSet<Node> behindRead = Downstream(order, LooksAtState);
        HashSet<Node> beforeEffect = Upstream(order, node => HasEffect(node));
        foreach (Node node in order)
        {
            bool isBeforeEffect = beforeEffect.Contains(node);
            node.ControlInputs.RemoveAll(control =>
                !behindEffect.Contains(control) && !behindLoop.Contains(control) && !(isBeforeEffect && behindRead.Contains(control)));
        }

        // A target that is a loop has an effect inside.
        bool HasEffect(Node node) => targets.Contains(node) || ConstantFolding.HasEffect(node, context);
    }

    private static bool LooksAtState(Node node) =>
        !node.IsConstant && node.Inputs.Exists(input => input.Type == DType.Resource || Import.ReferenceReads.IsReference(input));

    /// <summary>Nodes that a condition holds for, and all that wait for one.</summary>
    private static HashSet<Node> Downstream(List<Node> order, Predicate<Node> isSource)
    {
        var found = new HashSet<Node>();
        foreach (Node node in order)
        {
            if (isSource(node) || node.ControlInputs.Exists(found.Contains) || node.Inputs.Exists(input => found.Contains(input.Node)))
            {
                found.Add(node);
            }
        }

        return found;
    }

    /// <summary>Nodes that a condition holds for, and all that one waits for.</summary>
    private static HashSet<Node> Upstream(List<Node> order, Predicate<Node> isSink)
    {
        var found = new HashSet<Node>();
        for (int i = order.Count - 1; i >= 0; i--)
        {
            Node node = order[i];
            if (isSink(node))
            {
                found.Add(node);
            }

            if (found.Contains(node))
            {
                found.UnionWith(node.ControlInputs);
                found.UnionWith(node.Inputs.Select(input => input.Node));
            }
        }

        return found;
    }
}
