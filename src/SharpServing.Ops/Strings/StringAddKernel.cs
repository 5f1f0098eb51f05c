using SharpServing.Ops.Array;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Strings;

/// <summary>x + y of strings: the bytes one after the other, broadcast.</summary>
internal sealed class StringAddKernel : OpKernel
{
    public override void Compute(OpContext context)
    {
        (Tensor x, Tensor y, Shape shape) = StringOperands.Broadcast(context);
        var result = new StringTensorBuilder(shape);
        for (long i = 0; i < shape.ElementCount; i++)
        {
            result.Append([.. x.String(i), .. y.String(i)]);
        }

        x.Release();
        y.Release();
        context.SetOutput(0, result.Finish());
    }
}

/// <summary>Equality of strings, byte by byte, broadcast.</summary>
internal sealed class StringEqualKernel(bool equal, bool checkShapes) : OpKernel
{
    public override void Compute(OpContext context)
    {
        if (!checkShapes && !BroadcastShape.TryCombine(context.Input(0).Shape, context.Input(1).Shape, out _))
        {
            context.SetOutput(0, Tensor.FromScalar(!equal));
            return;
        }

        (Tensor x, Tensor y, Shape shape) = StringOperands.Broadcast(context);
        Span<bool> result = context.Allocate(0, shape).Span<bool>();
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = x.String(i).SequenceEqual(y.String(i)) == equal;
        }

        x.Release();
        y.Release();
    }
}

/// <summary>Both inputs repeated to their broadcast shape; one reference to each.</summary>
internal static class StringOperands
{
    public static (Tensor X, Tensor Y, Shape Shape) Broadcast(OpContext context)
    {
        Shape shape = BroadcastShape.Combine(context.Input(0).Shape, context.Input(1).Shape);
        return (To(context.Input(0), shape), To(context.Input(1), shape), shape);
    }

    private static Tensor To(Tensor tensor, in Shape shape) => tensor.Shape == shape ? tensor.AddRef() : JoinOps.Broadcast(tensor, shape);
}
