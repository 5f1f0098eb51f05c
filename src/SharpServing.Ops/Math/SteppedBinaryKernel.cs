using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>
/// z = g(f(x, y)) of half and bfloat16 with broadcasting: float32 inside, but f's answer is rounded to the narrow dtype before g, as in
/// the original's expressions of two operations.
/// </summary>
internal sealed class SteppedBinaryKernel<TFirst, TSecond> : OpKernel
    where TFirst : struct, IBinaryMap<float, float>
    where TSecond : struct, IUnaryMap<float, float>
{
    public override void Compute(OpContext context)
    {
        Tensor x = context.Input(0);
        Tensor y = context.Input(1);
        Shape shape = BroadcastShape.CombineForKernel(x.Shape, y.Shape);
        Tensor z = context.Allocate(0, shape);
        if (x.DType == DType.Half)
        {
            Elementwise.BinaryMap<OfHalf, Half, Half>(x.Span<Half>(), x.Shape, y.Span<Half>(), y.Shape, z.Span<Half>(), shape);
        }
        else
        {
            Elementwise.BinaryMap<OfBFloat16, BFloat16, BFloat16>(
                x.Span<BFloat16>(), x.Shape, y.Span<BFloat16>(), y.Shape, z.Span<BFloat16>(), shape);
        }
    }

    private readonly struct OfHalf : IBinaryMap<Half, Half>
    {
        public static Half Invoke(Half x, Half y) => (Half)TSecond.Invoke((float)(Half)TFirst.Invoke((float)x, (float)y));
    }

    private readonly struct OfBFloat16 : IBinaryMap<BFloat16, BFloat16>
    {
        public static BFloat16 Invoke(BFloat16 x, BFloat16 y) => (BFloat16)TSecond.Invoke((float)(BFloat16)TFirst.Invoke((float)x, (float)y));
    }
}
