using SharpServing.Runtime.Graphs;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// Finds nodes that lie behind a Switch, in a walk where inputs come before users. Whether such a node runs at all is only known in the run;
/// a Merge may lie on a branch itself.
/// </summary>
internal sealed class BranchNodes
{
    private readonly HashSet<Node> _nodes = [];

    /// <returns>True for a node on a branch.</returns>
    public bool Visit(Node node)
    {
        if (node.Op is not ("Switch" or "RefSwitch" or "_SwitchN") && !node.Inputs.Exists(input => _nodes.Contains(input.Node)) && !node.ControlInputs.Exists(_nodes.Contains))
        {
            return false;
        }

        _nodes.Add(node);
        return true;
    }
}
