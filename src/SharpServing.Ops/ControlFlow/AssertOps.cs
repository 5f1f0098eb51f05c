using System.Text;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.ControlFlow;

/// <summary>Assert, and Print without its printing place: a server's log is not the model's terminal.</summary>
internal static class AssertOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Assert", ShapeFunctions.NoOutput, MakeAssert);
        registry.Add("Abort", ShapeFunctions.NoOutput, static _ => throw StatusException.InvalidArgument("Abort is not run by a server"));
    }

    private static OpKernel MakeAssert(KernelBuilder builder)
    {
        int summarize = (int)builder.Attributes.Int("summarize");
        return new LambdaKernel(context =>
        {
            Tensor condition = context.Input(0);
            if (condition.Rank != 0)
            {
                throw StatusException.InvalidArgument($"In[0] should be a scalar: {condition.Shape}");
            }

            if (condition.Scalar<bool>())
            {
                return;
            }

            var text = new StringBuilder("assertion failed: ");
            for (int i = 1; i < context.InputCount; i++)
            {
                text.Append('[').Append(ValueSummary.Of(context.Input(i), summarize)).Append(']');
                if (i < context.InputCount - 1)
                {
                    text.Append(' ');
                }
            }

            throw StatusException.InvalidArgument(text.ToString());
        });
    }
}
