using Tensorflow;

namespace SharpServing.SavedModel;

/// <summary>What TensorFlow's loader refuses in a graph before it makes a session of it.</summary>
internal static class SavedGraphCheck
{
    /// <returns>FAILED_PRECONDITION with the first fault, nodes of the graph first, then functions in order.</returns>
    public static ServingStatus Check(GraphDef graph)
    {
        foreach (NodeDef node in graph.Node)
        {
            if (CheckNode(node) is { IsOk: false } fault)
            {
                return fault;
            }
        }

        foreach (FunctionDef function in graph.Library?.Function ?? [])
        {
            string name = function.Signature?.Name ?? "";
            foreach (NodeDef node in function.NodeDef)
            {
                if (CheckNode(node) is { IsOk: false } fault)
                {
                    return fault;
                }
            }

            foreach (NodeDef node in function.NodeDef)
            {
                if (node.Op == name)
                {
                    return ServingStatus.FailedPrecondition($"Function {name} is self recursive and TensorFlow does not support this scenario.");
                }
            }
        }

        return ServingStatus.Ok;
    }

    private static ServingStatus CheckNode(NodeDef node)
    {
        if (!node.Attr.TryGetValue("value", out AttrValue? value))
        {
            return node.Op == "Const"
                ? ServingStatus.FailedPrecondition($"Saved model contains node \"{node.Name}\" which is a constant tensor but no value has been provided")
                : ServingStatus.Ok;
        }

        return value.ValueCase == AttrValue.ValueOneofCase.Tensor && !IsFullyKnown(value.Tensor.TensorShape)
            ? ServingStatus.FailedPrecondition($"Saved model contains node \"{node.Name}\" (op \"{node.Op}\") which initializes from a tensor with -1 elements")
            : ServingStatus.Ok;
    }

    private static bool IsFullyKnown(TensorShapeProto? shape)
    {
        if (shape is null)
        {
            return true;
        }

        if (shape.UnknownRank)
        {
            return false;
        }

        foreach (TensorShapeProto.Types.Dim dim in shape.Dim)
        {
            if (dim.Size < 0)
            {
                return false;
            }
        }

        return true;
    }
}
