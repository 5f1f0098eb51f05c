using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Registry;

namespace SharpServing.Runtime.Passes;

/// <summary>Leaves out nodes that give their input out again, unless a control edge makes them wait or a branch may leave them dead.</summary>
internal sealed class RemoveIdentities : IGraphPass
{
    public string Name => "remove_identities";

    public void Run(Graph graph, PassContext context)
    {
        var replacements = new Dictionary<NodeOutput, NodeOutput>();
        foreach (Node node in GraphWalk.Reachable(graph))
        {
            if (node.ControlInputs.Count == 0 && node.Inputs.Count > 0 && node.OutputTypes.Length == 1
                && context.Registry.Find(node.Op) is { } row && (row.Traits & OpTraits.Identity) != OpTraits.None)
            {
                replacements[node.Output(0)] = node.Inputs[0];
            }
        }

        graph.Redirect(replacements);
    }
}
