using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Registry;

namespace SharpServing.Verification.Tests.Shapes;

/// <summary>Shows a checker every tensor that a step is given.</summary>
internal sealed class CheckedKernel(OpKernel inner, Node node, ShapeChecker checker) : OpKernel, IDisposable
{
    public override void Compute(OpContext context)
    {
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            // A constant may have been dropped: packed weights.
            if (node.Inputs[i].Constant is null && !context.IsDead(i))
            {
                checker.Check(node.Inputs[i], context.Input(i));
            }
        }

        inner.Compute(context);
    }

    public void Dispose() => (inner as IDisposable)?.Dispose();
}
