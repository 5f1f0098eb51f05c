using SharpServing.Runtime.Graphs;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// Drops control edges behind which nothing has an effect: they only order what needs no order. Kept where a Switch may make a branch dead,
/// since deadness travels along them.
/// </summary>
internal sealed class PruneControlEdges : IGraphPass
{
    public string Name => "prune_control_edges";

    public void Run(Graph graph, PassContext context)
    {
        List<Node> reachable = GraphWalk.Reachable(graph);
        if (reachable.Exists(node => node.Op is "Switch" or "RefSwitch" or "_SwitchN"))
        {
            return;
        }

        // Nodes that have an effect, or wait for one.
        var effectful = new HashSet<Node>();
        foreach (Node node in graph.TopologicalOrder())
        {
            if (ConstantFolding.HasEffect(node, context)
                || node.ControlInputs.Exists(effectful.Contains)
                || node.Inputs.Exists(input => effectful.Contains(input.Node)))
            {
                effectful.Add(node);
            }
        }

        foreach (Node node in reachable)
        {
            node.ControlInputs.RemoveAll(control => !effectful.Contains(control));
        }
    }
}
