using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SharpServing.Kernels;

/// <summary>Activations in place, over rows that are still in the cache or over a whole span.</summary>
public static unsafe class ActivationKernel
{
    /// <summary>x = f(x). <paramref name="alpha"/> is the slope of <see cref="Activation.LeakyRelu"/>.</summary>
    public static void Apply(Activation activation, float alpha, Span<float> x)
    {
        fixed (float* p = x)
        {
            Apply(activation, alpha, p, 1, x.Length, x.Length);
        }
    }

    /// <summary>Rows of <paramref name="columns"/> elements, <paramref name="stride"/> elements apart.</summary>
    public static void Apply(Activation activation, float alpha, float* x, int rows, int columns, nint stride)
    {
        switch (activation)
        {
            case Activation.None:
                break;
            case Activation.Relu:
                Run<ReluOperator<float>>(x, rows, columns, stride);
                break;
            case Activation.Relu6:
                Run<Relu6Operator>(x, rows, columns, stride);
                break;
            case Activation.LeakyRelu:
                LeakyRelu(x, rows, columns, stride, alpha);
                break;
            case Activation.Elu:
                Run<EluOperator>(x, rows, columns, stride);
                break;
            case Activation.Selu:
                Run<SeluOperator>(x, rows, columns, stride);
                break;
            case Activation.Tanh:
                Run<TanhOperator>(x, rows, columns, stride);
                break;
            case Activation.Sigmoid:
                Run<SigmoidOperator>(x, rows, columns, stride);
                break;
            case Activation.Swish:
                Run<SwishOperator>(x, rows, columns, stride);
                break;
            case Activation.GeluErf:
                Run<GeluErfOperator>(x, rows, columns, stride);
                break;
            case Activation.GeluTanh:
                Run<GeluTanhOperator>(x, rows, columns, stride);
                break;
            case Activation.Softplus:
                Run<SoftplusOperator>(x, rows, columns, stride);
                break;
            case Activation.HardSwish:
                Run<HardSwishOperator>(x, rows, columns, stride);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(activation));
        }
    }

    private static void Run<TOp>(float* x, int rows, int columns, nint stride)
        where TOp : struct, IUnaryOperator<float>
    {
        if (stride == columns)
        {
            columns *= rows;
            rows = 1;
        }

        for (int row = 0; row < rows; row++)
        {
            float* p = x + row * stride;
            VectorLoop.Unary<TOp, float>(p, p, columns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LeakyRelu(float* x, int rows, int columns, nint stride, float alpha)
    {
        for (int row = 0; row < rows; row++)
        {
            float* p = x + row * stride;
            int i = 0;
            if (Simd.Level != SimdLevel.Scalar)
            {
                for (; i <= columns - 4; i += 4)
                {
                    Vector128<float> value = Vector128.Load(p + i);
                    Vector128.ConditionalSelect(Vector128.GreaterThan(value, Vector128<float>.Zero), value, value * alpha).Store(p + i);
                }
            }

            for (; i < columns; i++)
            {
                p[i] = p[i] > 0 ? p[i] : p[i] * alpha;
            }
        }
    }
}
