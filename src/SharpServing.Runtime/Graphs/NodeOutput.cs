using SharpServing.Tensors;

namespace SharpServing.Runtime.Graphs;

/// <summary>One output of a node.</summary>
public readonly record struct NodeOutput(Node Node, int Index)
{
    public DType Type => Node.OutputTypes[Index];

    public Tensor? Constant => Node.ConstantOutput(Index);
}
