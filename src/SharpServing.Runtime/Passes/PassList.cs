using SharpServing.Runtime.Graphs;

namespace SharpServing.Runtime.Passes;

/// <summary>All passes in their order, less those switched off.</summary>
internal sealed class PassList
{
    private static readonly IGraphPass[] All =
    [
        new InlineCalls(),
        new StructureLoops(),
        new ConstantFolding(),
        new PruneControlEdges(),
        new RemoveIdentities(),
        new GatherFromConstants(),
        new FoldShapes(),
        new BatchItemProducts(),
        new FuseGelu(),
        new ReduceStrength(),
        new FuseLinear(),
    ];

    private readonly IGraphPass[] _passes;

    /// <param name="switches">Comma-separated names, each with a leading <c>-</c> to switch it off; <c>-all</c>: every optional pass.</param>
    /// <exception cref="StatusException">INVALID_ARGUMENT: no pass has that name.</exception>
    public PassList(string switches)
    {
        var off = new HashSet<string>(StringComparer.Ordinal);
        foreach (string item in switches.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string name = item.TrimStart('-', '+');
            if (name != "all" && !Array.Exists(All, pass => pass.Name == name))
            {
                throw StatusException.InvalidArgument($"No graph pass is named '{name}'; there are: {string.Join(", ", All.Select(pass => pass.Name))}");
            }

            if (item.StartsWith('-'))
            {
                off.Add(name);
            }
        }

        _passes = [.. All.Where(pass => !off.Contains(pass.Name) && !(off.Contains("all") && pass is not (ConstantFolding or StructureLoops)))];
    }

    public void Run(Graph graph, PassContext context)
    {
        foreach (IGraphPass pass in _passes)
        {
            pass.Run(graph, context);
        }
    }
}
