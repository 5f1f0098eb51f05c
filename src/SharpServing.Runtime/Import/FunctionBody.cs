using SharpServing.Runtime.Graphs;

namespace SharpServing.Runtime.Import;

/// <summary>An instantiated function body: its results, and nodes that run for their effect whether or not a result needs them.</summary>
internal sealed record FunctionBody(List<NodeOutput> Results, List<Node> Effects, List<Node> Nodes);
