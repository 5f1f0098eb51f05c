using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Tensors;

namespace SharpServing.Ops.Images;

/// <summary>(x - mean) * factor + mean, with the mean of each channel over height and width of each image.</summary>
internal static class AdjustContrast
{
    public static void Run(OpContext context)
    {
        Tensor images = context.Input(0);
        Tensor factorInput = context.Input(1);
        if (images.Rank < 3)
        {
            throw StatusException.InvalidArgument($"input must be at least 3-D, got shape{images.Shape}");
        }

        if (factorInput.Rank != 0)
        {
            throw StatusException.InvalidArgument($"contrast_factor must be scalar: {factorInput.Shape}");
        }

        float factor = factorInput.Scalar<float>();
        Tensor output = context.Allocate(0, images.Shape);
        if (output.ElementCount == 0)
        {
            return;
        }

        Tensor source = FloatValues.Of(images);
        try
        {
            Span<float> result = images.DType == DType.Float ? output.Span<float>() : source.Span<float>();
            int channels = (int)images.Shape[-1];
            int size = (int)(images.Shape[-2] * images.Shape[-3]) * channels;
            for (int at = 0; at < result.Length; at += size)
            {
                Adjust(source.Span<float>().Slice(at, size), result.Slice(at, size), channels, factor);
            }

            if (images.DType != DType.Float)
            {
                BFloat16Bridge.Narrow(result, output);
            }
        }
        finally
        {
            source.Release();
        }
    }

    private static void Adjust(ReadOnlySpan<float> source, Span<float> target, int channels, float factor)
    {
        for (int c = 0; c < channels; c++)
        {
            double sum = 0;
            for (int i = c; i < source.Length; i += channels)
            {
                sum += source[i];
            }

            float mean = (float)(sum / (source.Length / channels));
            for (int i = c; i < source.Length; i += channels)
            {
                target[i] = ((source[i] - mean) * factor) + mean;
            }
        }
    }
}
