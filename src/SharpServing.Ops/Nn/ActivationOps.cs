using System.Numerics;
using SharpServing.Kernels;
using SharpServing.Ops.Math;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;
using M = System.Math;

namespace SharpServing.Ops.Nn;

/// <summary>Relu and its kin.</summary>
internal static class ActivationOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Relu", ShapeFunctions.Unchanged, static builder => builder.InputType(0) switch
        {
            DType.Float => new UnaryKernel<ReluOperator<float>, float>(),
            DType.Double => new UnaryKernel<ReluOperator<double>, double>(),
            DType.Int8 => new UnaryKernel<ReluOperator<sbyte>, sbyte>(),
            DType.Int16 => new UnaryKernel<ReluOperator<short>, short>(),
            DType.Int32 => new UnaryKernel<ReluOperator<int>, int>(),
            DType.Int64 => new UnaryKernel<ReluOperator<long>, long>(),
            DType.UInt8 or DType.UInt16 or DType.UInt32 or DType.UInt64 => new LambdaKernel(static context => context.Forward(0, 0)),
            DType.Half or DType.BFloat16 => new NarrowUnaryKernel<ReluOperator<float>>(),
            _ => builder.UnsupportedType(builder.InputType(0)),
        });
        registry.Add("Relu6", ShapeFunctions.Unchanged, static builder => builder.InputType(0) switch
        {
            DType.Int8 => Clamp<sbyte>(6),
            DType.Int16 => Clamp<short>(6),
            DType.Int32 => Clamp<int>(6),
            DType.Int64 => Clamp<long>(6),
            DType.UInt8 => Clamp<byte>(6),
            DType.UInt16 => Clamp<ushort>(6),
            DType.UInt32 => Clamp<uint>(6),
            DType.UInt64 => Clamp<ulong>(6),
            _ => Floating<Relu6Operator>(builder, static x => x < 0 ? 0 : x > 6 ? 6 : x),
        });
        registry.Add("Elu", ShapeFunctions.Unchanged, static builder => Floating<EluOperator>(builder, static x => x < 0 ? M.Exp(x) - 1 : x));
        registry.Add("Selu", ShapeFunctions.Unchanged, static builder => builder.InputType(0) == DType.BFloat16 ? new NarrowFunctionKernel(SeluOfBFloat16) : Floating<SeluOperator>(
            builder, static x => x < 0 ? 1.7580993408473768599402175208123 * (M.Exp(x) - 1) : 1.0507009873554804934193349852946 * x));
        registry.Add("Softplus", ShapeFunctions.Unchanged, static builder => Floating<SoftplusOperator>(builder, static x => x > 30 ? x : double.LogP1(M.Exp(x))));
        registry.Add("Softsign", ShapeFunctions.Unchanged, static builder => builder.InputType(0) switch
        {
            DType.Float => new UnaryFunctionKernel<float, float>(static x => x / (1 + MathF.Abs(x))),
            DType.Double => new UnaryFunctionKernel<double, double>(static x => x / (1 + M.Abs(x))),
            DType.Half or DType.BFloat16 => new NarrowFunctionKernel(static x => x / (1 + MathF.Abs(x))),
            _ => builder.UnsupportedType(builder.InputType(0)),
        });
        registry.Add("LeakyRelu", ShapeFunctions.Unchanged, static builder =>
        {
            float alpha = builder.Attributes.Float("alpha");
            return builder.InputType(0) switch
            {
                DType.Float => new LeakyReluKernel(alpha),
                DType.Double => new UnaryFunctionKernel<double, double>(x => x > 0 ? x : alpha * x),
                DType.Half => MakeNarrowLeaky((float)(Half)alpha),
                DType.BFloat16 => MakeNarrowLeaky((float)(BFloat16)alpha),
                _ => builder.UnsupportedType(builder.InputType(0)),
            };
        });
    }

    private static NarrowFunctionKernel MakeNarrowLeaky(float alpha) => new(x => x > 0 ? x : alpha * x);

    private static OpKernel Floating<TOp>(KernelBuilder builder, Func<double, double> wide)
        where TOp : struct, IUnaryOperator<float> =>
        builder.InputType(0) switch
        {
            DType.Float => new UnaryKernel<TOp, float>(),
            DType.Double => new UnaryFunctionKernel<double, double>(wide),
            DType.Half or DType.BFloat16 => new NarrowUnaryKernel<TOp>(),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    /// <summary>bfloat16 rounds after each of its steps: e^x, - 1, · scale.</summary>
    private static float SeluOfBFloat16(float x)
    {
        if (!(x < 0))
        {
            return (float)(BFloat16)1.0507009873554805f * x;
        }

        float exponential = (float)(BFloat16)MathF.Exp(x);
        return (float)(BFloat16)1.7580993408473769f * (float)(BFloat16)(exponential - 1);
    }

    private static UnaryFunctionKernel<T, T> Clamp<T>(int high)
        where T : unmanaged, INumber<T>
    {
        T limit = T.CreateTruncating(high);
        return new UnaryFunctionKernel<T, T>(x => T.Min(T.Max(x, T.Zero), limit));
    }

    private sealed class LeakyReluKernel(float alpha) : OpKernel
    {
        public override void Compute(Runtime.Execution.OpContext context)
        {
            Tensor x = context.Input(0);
            Tensor y = context.AllocateOrReuse(0, x.Shape, 0);
            x.Span<float>().CopyTo(y.Span<float>());

            ActivationKernel.Apply(Activation.LeakyRelu, alpha, y.Span<float>());
        }
    }
}
