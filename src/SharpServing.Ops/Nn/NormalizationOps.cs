using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Nn;

/// <summary>FusedBatchNorm and its versions, for inference and for statistics of the batch.</summary>
internal static class NormalizationOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("FusedBatchNorm", NnShapes.BatchNorm, Make);
        registry.Add("FusedBatchNormV2", NnShapes.BatchNorm, Make);
        registry.Add("FusedBatchNormV3", NnShapes.BatchNorm, Make);
    }

    private static OpKernel Make(KernelBuilder builder)
    {
        if (builder.InputType(0) is not (DType.Float or DType.Half or DType.BFloat16))
        {
            return builder.UnsupportedType(builder.InputType(0));
        }

        float epsilon = builder.Attributes.Float("epsilon");
        float factor = builder.Attributes.Float("exponential_avg_factor");
        bool training = builder.Attributes.Bool("is_training");
        string format = builder.Attributes.String("data_format");
        if (format is not ("NHWC" or "NCHW"))
        {
            builder.Unsupported($"data_format {format}");
        }

        return new FusedBatchNormKernel(epsilon, factor, training, format == "NCHW", builder.Node.Op == "FusedBatchNorm" ? "4" : "4 or 5");
    }

    /// <summary>y = (x - mean) / √(variance + ε) · scale + offset, per channel. Source: tensorflow/core/kernels/fused_batch_norm_op.cc.</summary>
    private sealed class FusedBatchNormKernel(float epsilon, float factor, bool training, bool channelsFirst, string ranks) : OpKernel
    {
        public override void Compute(OpContext context)
        {
            Tensor x = context.Input(0);
            if (x.Rank != 4)
            {
                throw StatusException.InvalidArgument($"input must be {ranks}-dimensional{x.Shape}");
            }

            long channels = x.Shape[channelsFirst ? 1 : 3];
            for (int i = 1; i < 5; i++)
            {
                Tensor parameter = context.Input(i);
                string name = i switch { 1 => "scale", 2 => "offset", 3 => "mean", _ => "variance" };
                if (parameter.Rank != 1)
                {
                    throw StatusException.InvalidArgument(i < 3
                        ? $"{name} must be 1-dimensional{parameter.Shape}"
                        : $"estimated_{name} must be 1-dimensional{parameter.Shape}");
                }

                if (parameter.ElementCount != channels && !(training && i > 2 && factor == 1))
                {
                    string when = i < 3 ? string.Empty : training ? "When exponential_avg_factor != 1, " : "When is_training=false, ";
                    throw StatusException.InvalidArgument($"{when}{name} must have the same number of elements as the channels of x, got {parameter.ElementCount} and {channels}");
                }
            }

            bool narrow = x.DType != DType.Float;
            Tensor source = narrow ? BFloat16Bridge.Widen(x) : x.AddRef();
            if (channelsFirst)
            {
                Tensor last = Layout.ToChannelsLast(source);
                source.Release();
                source = last;
            }

            int count = (int)channels;
            using var scratch = new Scratch<float>(4L * count);
            Span<float> mean = scratch.Span[..count];
            Span<float> variance = scratch.Span.Slice(count, count);
            long rest = count == 0 ? 0 : source.ElementCount / count;
            if (training)
            {
                Statistics(source.Span<float>(), count, rest, mean, variance);
            }
            else
            {
                context.Input(3).Span<float>().CopyTo(mean);
                context.Input(4).Span<float>().CopyTo(variance);
            }

            Span<float> scale = scratch.Span.Slice(2 * count, count);
            Span<float> shift = scratch.Span.Slice(3 * count, count);
            bool finite = true;
            for (int c = 0; c < count; c++)
            {
                scale[c] = context.Input(1).Span<float>()[c] / MathF.Sqrt(variance[c] + epsilon);
                shift[c] = context.Input(2).Span<float>()[c] - (mean[c] * scale[c]);
                finite &= float.IsFinite(shift[c]);
            }

            Tensor result = Tensor.Allocate(DType.Float, source.Shape);
            if (!finite)
            {
                // A variance of 0: the distance from the mean decides between the infinities.
                Kernels.Elementwise.Binary<Kernels.SubtractOperator<float>, float>(
                    source.Span<float>(), source.Shape, mean, new Shape(channels), result.Span<float>(), source.Shape);
                source.Release();
                source = result.AddRef();
                context.Input(2).Span<float>().CopyTo(shift);
            }

            Kernels.Elementwise.Binary<Kernels.MultiplyOperator<float>, float>(
                source.Span<float>(), source.Shape, scale, new Shape(channels), result.Span<float>(), source.Shape);
            Kernels.Elementwise.Binary<Kernels.AddOperator<float>, float>(
                result.Span<float>(), source.Shape, shift, new Shape(channels), result.Span<float>(), source.Shape);
            source.Release();
            if (channelsFirst)
            {
                Tensor first = Layout.ToChannelsFirst(result);
                result.Release();
                result = first;
            }

            if (narrow)
            {
                BFloat16Bridge.Narrow(result.Span<float>(), context.Allocate(0, x.Shape));
                result.Release();
            }
            else
            {
                context.SetOutput(0, result);
            }

            SetStatistics(context, mean, variance, rest);
        }

        private static void Statistics(ReadOnlySpan<float> x, int channels, long rest, Span<float> mean, Span<float> variance)
        {
            double[] sums = new double[channels];
            double[] squares = new double[channels];
            for (int i = 0; i < x.Length; i++)
            {
                sums[i % channels] += x[i];
            }

            for (int i = 0; i < x.Length; i++)
            {
                double distance = x[i] - (sums[i % channels] / rest);
                squares[i % channels] += distance * distance;
            }

            for (int c = 0; c < channels; c++)
            {
                mean[c] = (float)(sums[c] / rest);
                variance[c] = (float)(squares[c] / rest);
            }
        }

        /// <summary>Outputs 1 to 4: mean and variance as the caller keeps them, then as they were used here.</summary>
        private void SetStatistics(OpContext context, ReadOnlySpan<float> mean, ReadOnlySpan<float> variance, long rest)
        {
            var shape = new Shape(mean.Length);
            if (context.IsNeeded(1) || context.IsNeeded(2))
            {
                SetRunning(context, mean, variance, rest);
            }

            if (context.IsNeeded(3))
            {
                context.SetOutput(3, Tensor.FromArray(mean, shape));
            }

            if (context.IsNeeded(4))
            {
                context.SetOutput(4, Tensor.FromArray(variance, shape));
            }

            if (context.OutputCount > 5 && context.IsNeeded(5))
            {
                context.SetOutput(5, Tensor.FromScalar(0f));
            }
        }

        private void SetRunning(OpContext context, ReadOnlySpan<float> mean, ReadOnlySpan<float> variance, long rest)
        {
            var shape = new Shape(mean.Length);
            Tensor meanOutput = Tensor.FromArray(mean, shape);
            Tensor varianceOutput = Tensor.FromArray(variance, shape);
            Span<float> batchMean = meanOutput.Span<float>();
            Span<float> batchVariance = varianceOutput.Span<float>();
            if (rest == 0)
            {
                batchMean.Fill(float.NaN);
                batchVariance.Fill(float.NaN);
            }
            else if (training)
            {
                float adjust = rest > 1 ? rest / (float)(rest - 1) : 1;
                for (int c = 0; c < mean.Length; c++)
                {
                    batchVariance[c] = variance[c] * adjust;
                    if (factor != 1)
                    {
                        batchMean[c] = ((1 - factor) * context.Input(3).Span<float>()[c]) + (factor * mean[c]);
                        batchVariance[c] = ((1 - factor) * context.Input(4).Span<float>()[c]) + (factor * batchVariance[c]);
                    }
                }
            }

            context.SetOutput(1, meanOutput);
            context.SetOutput(2, varianceOutput);
        }
    }
}
