using SharpServing.Runtime.Execution;

namespace SharpServing.Runtime.Registry;

/// <summary>A kernel that is one function; what it captures is fixed when the plan is built.</summary>
public sealed class LambdaKernel : OpKernel
{
    private readonly Action<OpContext> _compute;

    public LambdaKernel(Action<OpContext> compute) => _compute = compute;

    public override void Compute(OpContext context) => _compute(context);
}
