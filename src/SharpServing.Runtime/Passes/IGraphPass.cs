using SharpServing.Runtime.Graphs;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// Rewrites a graph into one with the same answers. On or off by name (<c>--graph_passes=-name</c>); the tests run every golden graph with
/// passes off and on.
/// </summary>
internal interface IGraphPass
{
    string Name { get; }

    void Run(Graph graph, PassContext context);
}
