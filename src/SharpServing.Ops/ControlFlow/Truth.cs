using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.ControlFlow;

/// <summary>When a condition holds: a scalar number that is not zero, a scalar string that is not empty, any other tensor with elements.</summary>
internal static class Truth
{
    /// <summary>
    /// True for nodes that TensorFlow takes apart into Switch and Merge before it runs them: their condition must be a scalar.
    /// </summary>
    public static bool IsLowered(KernelBuilder builder) =>
        builder.Attributes.FindRaw("_lower_using_switch_merge") is { B: true };

    /// <summary>
    /// The check that a lowered node makes of its condition, input 0: INVALID_ARGUMENT when it is no scalar. TensorFlow switches the condition by
    /// itself, and each other input; where one of them is the condition too, that switch stands for both, and is called what made the condition.
    /// </summary>
    public static Action<Tensor> CheckOf(KernelBuilder builder)
    {
        if (!IsLowered(builder))
        {
            return static _ => { };
        }

        List<NodeOutput> inputs = builder.Node.Inputs;
        Node blamed = inputs.IndexOf(inputs[0], 1) > 0 ? inputs[0].Node : builder.Node;
        (string name, NodeOrigin? origin) = (blamed.Name, blamed.Origin);
        return condition =>
        {
            if (condition.Rank != 0)
            {
                throw NodeErrors.WithNode(NotScalar(condition), name, origin);
            }
        };
    }

    public static bool Of(Tensor condition, bool lowered) => lowered && condition.Rank != 0 ? throw NotScalar(condition) : Of(condition);

    public static bool Of(Tensor condition)
    {
        if (condition.Rank > 0)
        {
            return condition.ElementCount > 0;
        }

        return condition.DType switch
        {
            DType.Bool => condition.Scalar<bool>(),
            DType.Float => condition.Scalar<float>() != 0,
            DType.Double => condition.Scalar<double>() != 0,
            DType.Int32 => condition.Scalar<int>() != 0,
            DType.Int64 => condition.Scalar<long>() != 0,
            DType.UInt8 => condition.Scalar<byte>() != 0,
            DType.Int8 => condition.Scalar<sbyte>() != 0,
            DType.Int16 => condition.Scalar<short>() != 0,
            DType.String => !condition.String(0).IsEmpty,
            _ => throw StatusException.InvalidArgument($"{condition.DType.ToName()} cannot be used as a condition"),
        };
    }

    private static StatusException NotScalar(Tensor condition) =>
        StatusException.InvalidArgument($"The second input must be a scalar, but it has shape {condition.Shape}");
}
