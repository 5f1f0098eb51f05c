using System.Numerics;
using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>z = f(x, y) with broadcasting, one dtype.</summary>
internal sealed class BinaryKernel<TOp, T> : OpKernel
    where TOp : struct, IBinaryOperator<T>
    where T : unmanaged
{
    public override void Compute(OpContext context)
    {
        Tensor x = context.Input(0);
        Tensor y = context.Input(1);
        Shape shape = BroadcastShape.CombineForKernel(x.Shape, y.Shape);
        int reuse = x.Shape == shape && context.CanOverwrite(0) ? 0 : y.Shape == shape ? 1 : 0;
        Tensor z = context.AllocateOrReuse(0, shape, reuse);
        if (x.Shape == y.Shape)
        {
            Elementwise.Binary<TOp, T>(x.Span<T>(), y.Span<T>(), z.Span<T>());
        }
        else
        {
            Elementwise.Binary<TOp, T>(x.Span<T>(), x.Shape, y.Span<T>(), y.Shape, z.Span<T>(), shape);
        }
    }
}

/// <summary>The same for half and bfloat16, computed in float32.</summary>
internal sealed class NarrowBinaryKernel<TOp> : OpKernel
    where TOp : struct, IBinaryOperator<float>
{
    public override void Compute(OpContext context)
    {
        Tensor x = context.Input(0);
        Tensor y = context.Input(1);
        Shape shape = BroadcastShape.CombineForKernel(x.Shape, y.Shape);
        Tensor z = context.Allocate(0, shape);
        if (x.DType == DType.Half)
        {
            Elementwise.BinaryWidened<TOp, Half>(x.Span<Half>(), x.Shape, y.Span<Half>(), y.Shape, z.Span<Half>(), shape);
        }
        else
        {
            Elementwise.BinaryWidened<TOp, BFloat16>(x.Span<BFloat16>(), x.Shape, y.Span<BFloat16>(), y.Shape, z.Span<BFloat16>(), shape);
        }
    }
}

/// <summary>z = f(x, y) with broadcasting and an output dtype of its own; scalar code.</summary>
internal sealed class BinaryMapKernel<TOp, TIn, TOut> : OpKernel
    where TOp : struct, IBinaryMap<TIn, TOut>
    where TIn : unmanaged
    where TOut : unmanaged
{
    private readonly bool _checkShapes;

    /// <param name="checkShapes">False: incompatible shapes give <see cref="Incompatible"/> instead of an error.</param>
    public BinaryMapKernel(bool checkShapes = true) => _checkShapes = checkShapes;

    /// <summary>The scalar answer for incompatible shapes.</summary>
    public TOut Incompatible { get; init; }

    public override void Compute(OpContext context)
    {
        Tensor x = context.Input(0);
        Tensor y = context.Input(1);
        if (!_checkShapes && !BroadcastShape.TryCombine(x.Shape, y.Shape, out _))
        {
            context.SetOutput(0, Tensor.FromScalar(Incompatible));
            return;
        }

        Shape shape = BroadcastShape.CombineForKernel(x.Shape, y.Shape);
        Tensor z = context.Allocate(0, shape);
        Elementwise.BinaryMap<TOp, TIn, TOut>(x.Span<TIn>(), x.Shape, y.Span<TIn>(), y.Shape, z.Span<TOut>(), shape);
    }
}

/// <summary>Lifts an operator on <see cref="Complex"/> to complex64, computed in double and rounded once.</summary>
internal readonly struct Complex64Operator<TOp> : IBinaryMap<Complex64, Complex64>
    where TOp : struct, IBinaryOperator<Complex>
{
    public static Complex64 Invoke(Complex64 x, Complex64 y) => (Complex64)TOp.Invoke((Complex)x, (Complex)y);
}
