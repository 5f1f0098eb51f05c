namespace SharpServing.Runtime.Graphs;

/// <summary>
/// A loop cut out of a graph. Both graphs take all of the loop's inputs (variables first, then what never changes); the condition gives one
/// bool, the body the next values of the variables.
/// </summary>
public sealed record LoopGraphs(Graph Condition, Graph Body, int VariableCount);
