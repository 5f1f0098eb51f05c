using SharpServing.Tensors;

namespace SharpServing.Ops.ControlFlow;

/// <summary>When a condition holds: a scalar number that is not zero, a scalar string that is not empty, any other tensor with elements.</summary>
internal static class Truth
{
    /// <summary>
    /// True for nodes that TensorFlow takes apart into Switch and Merge before it runs them: their condition must be a scalar.
    /// </summary>
    public static bool IsLowered(Runtime.Registry.KernelBuilder builder) =>
        builder.Attributes.FindRaw("_lower_using_switch_merge") is { B: true };

    /// <exception cref="StatusException">INVALID_ARGUMENT: a lowered node's condition is no scalar.</exception>
    public static void CheckLowered(Tensor condition, bool lowered)
    {
        if (lowered && condition.Rank != 0)
        {
            throw StatusException.InvalidArgument($"The second input must be a scalar, but it has shape {condition.Shape}");
        }
    }

    public static bool Of(Tensor condition, bool lowered)
    {
        CheckLowered(condition, lowered);
        return Of(condition);
    }

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
}
