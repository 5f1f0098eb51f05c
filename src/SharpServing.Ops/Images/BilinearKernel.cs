using SharpServing.Ops.Support;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Images;

/// <summary>Linear between the four source pixels around, in float32. Source: tensorflow/core/kernels/image/resize_bilinear_op.cc.</summary>
internal sealed class BilinearKernel : ResizeKernel
{
    public BilinearKernel(KernelBuilder builder)
        : base(builder)
    {
    }

    protected override void Resize(Tensor images, Tensor output)
    {
        Tensor source = FloatValues.Of(images);
        try
        {
            Resize(source.Span<float>(), images.Shape, output.Span<float>(), output.Shape);
        }
        finally
        {
            source.Release();
        }
    }

    private void Resize(ReadOnlySpan<float> source, in Shape input, Span<float> target, in Shape output)
    {
        int channels = (int)input[3];
        int row = checked((int)input[2] * channels);
        int width = (int)output[2];
        Weight[] columns = Weights(width, (int)input[2], channels);
        Weight[] rows = Weights((int)output[1], (int)input[1], row);
        int image = checked((int)input[1] * row);
        int at = 0;
        for (int b = 0; b < output[0]; b++)
        {
            ReadOnlySpan<float> pixels = source.Slice(b * image, image);
            foreach (Weight y in rows)
            {
                ReadOnlySpan<float> top = pixels.Slice(y.Lower, row);
                ReadOnlySpan<float> bottom = pixels.Slice(y.Upper, row);
                foreach (Weight x in columns)
                {
                    for (int c = 0; c < channels; c++)
                    {
                        float topLeft = top[x.Lower + c];
                        float bottomLeft = bottom[x.Lower + c];
                        float upper = topLeft + ((top[x.Upper + c] - topLeft) * x.Lerp);
                        float lower = bottomLeft + ((bottom[x.Upper + c] - bottomLeft) * x.Lerp);
                        target[at++] = upper + ((lower - upper) * y.Lerp);
                    }
                }
            }
        }
    }

    /// <summary>Offsets (in steps of <paramref name="pitch"/>) and weights of each output index.</summary>
    private Weight[] Weights(int count, int input, int pitch)
    {
        float scale = Scale.Scale(input, count);
        var weights = new Weight[count];
        for (int i = 0; i < count; i++)
        {
            float exact = Scale.Map(i, scale);
            float floor = MathF.Floor(exact);
            int lower = System.Math.Clamp((int)floor, 0, input - 1);
            int upper = System.Math.Min(System.Math.Max((int)MathF.Ceiling(exact), 0), input - 1);
            weights[i] = new Weight(lower * pitch, upper * pitch, exact - floor);
        }

        return weights;
    }

    private readonly record struct Weight(int Lower, int Upper, float Lerp);
}
