using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Nn;

/// <summary>Softmax and LogSoftmax along the last dimension.</summary>
internal static unsafe class SoftmaxOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Softmax", ShapeFunctions.Unchanged, builder => Make(builder, logarithm: false));
        registry.Add("LogSoftmax", ShapeFunctions.Unchanged, builder => Make(builder, logarithm: true));
    }

    private static OpKernel Make(KernelBuilder builder, bool logarithm) =>
        builder.InputType(0) is DType.Float or DType.Double or DType.Half or DType.BFloat16
            ? new RowsKernel(logarithm)
            : builder.UnsupportedType(builder.InputType(0));

    private sealed class RowsKernel(bool logarithm) : OpKernel
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
            long rows = columns == 0 ? 0 : shape.ElementCount / columns;
            if (logarithm)
            {
                SoftmaxKernel.LogSoftmax((float*)source.Data, (float*)target.Data, rows, checked((int)columns));
            }
            else
            {
                SoftmaxKernel.Softmax((float*)source.Data, (float*)target.Data, rows, checked((int)columns));
            }

            if (narrow)
            {
                BFloat16Bridge.Narrow(target.Span<float>(), context.Allocate(0, shape));
                target.Release();
            }
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
