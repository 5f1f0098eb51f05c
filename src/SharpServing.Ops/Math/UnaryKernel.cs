using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;
using Complex = System.Numerics.Complex;

namespace SharpServing.Ops.Math;

/// <summary>y = f(x), one dtype.</summary>
internal sealed class UnaryKernel<TOp, T> : OpKernel
    where TOp : struct, IUnaryOperator<T>
    where T : unmanaged
{
    public override void Compute(OpContext context)
    {
        Tensor x = context.Input(0);
        Tensor y = context.AllocateOrReuse(0, x.Shape, 0);
        Elementwise.Unary<TOp, T>(x.Span<T>(), y.Span<T>());
    }
}

/// <summary>The same for half and bfloat16, computed in float32.</summary>
internal sealed class NarrowUnaryKernel<TOp> : OpKernel
    where TOp : struct, IUnaryOperator<float>
{
    public override void Compute(OpContext context)
    {
        Tensor x = context.Input(0);
        Tensor y = context.AllocateOrReuse(0, x.Shape, 0);
        if (x.DType == DType.Half)
        {
            Elementwise.UnaryWidened<TOp, Half>(x.Span<Half>(), y.Span<Half>());
        }
        else
        {
            Elementwise.UnaryWidened<TOp, BFloat16>(x.Span<BFloat16>(), y.Span<BFloat16>());
        }
    }
}

/// <summary>y = f(x) by a function of one element, for dtypes that no model leans on.</summary>
internal sealed class UnaryFunctionKernel<TIn, TOut>(Func<TIn, TOut> function) : OpKernel
    where TIn : unmanaged
    where TOut : unmanaged
{
    public override void Compute(OpContext context)
    {
        Tensor x = context.Input(0);
        ReadOnlySpan<TIn> source = x.Span<TIn>();
        Span<TOut> target = context.Allocate(0, x.Shape).Span<TOut>();
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = function(source[i]);
        }
    }
}

/// <summary>y = f(x) of half or bfloat16 by a function on float.</summary>
internal sealed class NarrowFunctionKernel(Func<float, float> function) : OpKernel
{
    public override void Compute(OpContext context)
    {
        Tensor wide = BFloat16Bridge.Widen(context.Input(0));
        Span<float> values = wide.Span<float>();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = function(values[i]);
        }

        BFloat16Bridge.Narrow(values, context.AllocateOrReuse(0, wide.Shape, 0));
        wide.Release();
    }
}

/// <summary>y = f(x) of complex64, computed in double.</summary>
internal sealed class Complex64FunctionKernel(Func<Complex, Complex> function) : OpKernel
{
    public override void Compute(OpContext context)
    {
        Tensor x = context.Input(0);
        ReadOnlySpan<Complex64> source = x.Span<Complex64>();
        Span<Complex64> target = context.Allocate(0, x.Shape).Span<Complex64>();
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = (Complex64)function((Complex)source[i]);
        }
    }
}
