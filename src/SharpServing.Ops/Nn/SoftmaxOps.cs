using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Nn;

/// <summary>Softmax and LogSoftmax along the last dimension.</summary>
internal static class SoftmaxOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Softmax", builder => Make(builder, logarithm: false));
        registry.Add("LogSoftmax", builder => Make(builder, logarithm: true));
    }

    private static OpKernel Make(KernelBuilder builder, bool logarithm) =>
        builder.InputType(0) is DType.Float or DType.Double or DType.Half or DType.BFloat16
            ? new SoftmaxKernel(logarithm)
            : builder.UnsupportedType(builder.InputType(0));

    private sealed class SoftmaxKernel(bool logarithm) : OpKernel
    {
        public override void Compute(OpContext context)
        {
            Tensor x = context.Input(0);
            if (x.Rank < 1)
            {
                throw StatusException.InvalidArgument($"logits must have >= 1 dimension, got {x.Shape}");
            }

            long columns = x.Shape[-1];
            if (x.DType == DType.Double)
            {
                Tensor wide = context.Allocate(0, x.Shape);
                for (long row = 0; row < x.ElementCount; row += System.Math.Max(columns, 1))
                {
                    DoubleRow(x.Span<double>().Slice((int)row, (int)columns), wide.Span<double>().Slice((int)row, (int)columns));
                }

                return;
            }

            bool narrow = x.DType != DType.Float;
            Tensor source = narrow ? BFloat16Bridge.Widen(x) : x;
            Shape shape = x.Shape;
            Tensor target = narrow ? source : context.AllocateOrReuse(0, shape, 0);
            for (long row = 0; row < shape.ElementCount; row += columns)
            {
                Row(source.Span<float>().Slice((int)row, (int)columns), target.Span<float>().Slice((int)row, (int)columns));
            }

            if (narrow)
            {
                BFloat16Bridge.Narrow(target.Span<float>(), context.Allocate(0, shape));
                target.Release();
            }
        }

        private void Row(ReadOnlySpan<float> x, Span<float> y)
        {
            float max = System.Numerics.Tensors.TensorPrimitives.Max(x);
            System.Numerics.Tensors.TensorPrimitives.Subtract(x, max, y);
            if (!logarithm)
            {
                Elementwise.Unary<ExpOperator, float>(y, y);
                float sum = System.Numerics.Tensors.TensorPrimitives.Sum<float>(y);
                System.Numerics.Tensors.TensorPrimitives.Multiply(y, 1 / sum, y);
                return;
            }

            double total = 0;
            foreach (float value in y)
            {
                total += System.Math.Exp(value);
            }

            System.Numerics.Tensors.TensorPrimitives.Subtract(y, (float)System.Math.Log(total), y);
        }

        private void DoubleRow(ReadOnlySpan<double> x, Span<double> y)
        {
            double max = double.NegativeInfinity;
            foreach (double value in x)
            {
                max = System.Math.Max(max, value);
            }

            double sum = 0;
            foreach (double value in x)
            {
                sum += System.Math.Exp(value - max);
            }

            for (int i = 0; i < y.Length; i++)
            {
                y[i] = logarithm ? x[i] - max - System.Math.Log(sum) : System.Math.Exp(x[i] - max) / sum;
            }
        }
    }
}
