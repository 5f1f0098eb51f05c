using SharpServing.Runtime.Execution;
using SharpServing.Tensors;

namespace SharpServing.Ops.Support;

/// <summary>Outputs whose size a request's values decide: a refusal says what the original says.</summary>
internal static class OutputMemory
{
    /// <exception cref="StatusException">RESOURCE_EXHAUSTED.</exception>
    public static Tensor Allocate(OpContext context, int output, params ReadOnlySpan<long> sizes)
    {
        if (!Shape.TryCreate(sizes, out Shape shape))
        {
            throw Exhausted($"[{string.Join(',', sizes.ToArray())}]", context.OutputType(output));
        }

        try
        {
            return context.Allocate(output, shape);
        }
        catch (StatusException e) when (e.Status.Code == StatusCode.ResourceExhausted)
        {
            throw Exhausted(shape.ToString(), context.OutputType(output));
        }
    }

    private static StatusException Exhausted(string shape, DType type) =>
        StatusException.ResourceExhausted(
            $"OOM when allocating tensor with shape{shape} and type {type.ToName()} on /job:localhost/replica:0/task:0/device:CPU:0 by allocator cpu");
}
