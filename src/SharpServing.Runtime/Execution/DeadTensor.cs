using SharpServing.Tensors;

namespace SharpServing.Runtime.Execution;

/// <summary>Stands in a slot whose value was not computed because its branch was not taken. Never counted, never released.</summary>
internal static class DeadTensor
{
    public static readonly Tensor Instance = Tensor.FromObject(DType.Variant, null);
}
