using SharpServing.Ops.Support;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Images;

/// <summary>
/// Cubic convolution over 4 by 4 source pixels, weights from a table of 1024 steps: a = -0.75, or with half pixels Keys' a = -0.5, then
/// pixels outside weigh nothing. Source: tensorflow/core/kernels/image/resize_bicubic_op.cc.
/// </summary>
internal sealed class BicubicKernel : ResizeKernel
{
    private const int TableSize = 1 << 10;
    private static readonly float[] Legacy = MakeTable(-0.75);
    private static readonly float[] Keys = MakeTable(-0.5);

    public BicubicKernel(KernelBuilder builder)
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

    private static float[] MakeTable(double a)
    {
        var table = new float[(TableSize + 1) * 2];
        for (int i = 0; i <= TableSize; i++)
        {
            float x = (float)(i * 1.0 / TableSize);
            table[i * 2] = (float)(((((a + 2) * x) - (a + 3)) * x * x) + 1);
            x += 1;
            table[(i * 2) + 1] = (float)((((((a * x) - (5 * a)) * x) + (8 * a)) * x) - (4 * a));
        }

        return table;
    }

    private void Resize(ReadOnlySpan<float> source, in Shape input, Span<float> target, in Shape output)
    {
        int channels = (int)input[3];
        int row = checked((int)input[2] * channels);
        Weight[] columns = Weights((int)output[2], (int)input[2], channels);
        Weight[] rows = Weights((int)output[1], (int)input[1], row);
        int image = checked((int)input[1] * row);
        int at = 0;
        for (int b = 0; b < output[0]; b++)
        {
            ReadOnlySpan<float> pixels = source.Slice(b * image, image);
            foreach (Weight y in rows)
            {
                foreach (Weight x in columns)
                {
                    for (int c = 0; c < channels; c++)
                    {
                        target[at++] = Blend(
                            x,
                            Column(pixels, y, x.Index0 + c),
                            Column(pixels, y, x.Index1 + c),
                            Column(pixels, y, x.Index2 + c),
                            Column(pixels, y, x.Index3 + c));
                    }
                }
            }
        }
    }

    private static float Column(ReadOnlySpan<float> pixels, in Weight y, int x) =>
        Blend(y, pixels[y.Index0 + x], pixels[y.Index1 + x], pixels[y.Index2 + x], pixels[y.Index3 + x]);

    private static float Blend(in Weight w, float a, float b, float c, float d) =>
        (a * w.Weight0) + (b * w.Weight1) + (c * w.Weight2) + (d * w.Weight3);

    private Weight[] Weights(int count, int input, int pitch)
    {
        float scale = Scale.Scale(input, count);
        var weights = new Weight[count];
        for (int i = 0; i < count; i++)
        {
            float exact = Scale.Map(i, scale);
            long floor = (long)MathF.Floor(exact);
            int offset = (int)MathF.Round((exact - floor) * TableSize, MidpointRounding.ToEven);
            weights[i] = Scale.HalfPixels ? KeysWeight(floor, offset, input, pitch) : LegacyWeight(floor, offset, input, pitch);
        }

        return weights;
    }

    private static int Bound(long index, int input) => (int)System.Math.Clamp(index, 0, input - 1);

    private static Weight LegacyWeight(long floor, int offset, int input, int pitch) => new(
        Bound(floor - 1, input) * pitch,
        Bound(floor, input) * pitch,
        Bound(floor + 1, input) * pitch,
        Bound(floor + 2, input) * pitch,
        Legacy[(offset * 2) + 1],
        Legacy[offset * 2],
        Legacy[(TableSize - offset) * 2],
        Legacy[((TableSize - offset) * 2) + 1]);

    private static Weight KeysWeight(long floor, int offset, int input, int pitch)
    {
        float w0 = Inside(floor - 1) ? Keys[(offset * 2) + 1] : 0;
        float w1 = Inside(floor) ? Keys[offset * 2] : 0;
        float w2 = Inside(floor + 1) ? Keys[(TableSize - offset) * 2] : 0;
        float w3 = Inside(floor + 2) ? Keys[((TableSize - offset) * 2) + 1] : 0;
        float sum = w0 + w1 + w2 + w3;
        const float SmallestNormal = 1.17549435e-38f;
        if (MathF.Abs(sum) >= 1000 * SmallestNormal)
        {
            float inverse = 1 / sum;
            w0 *= inverse;
            w1 *= inverse;
            w2 *= inverse;
            w3 *= inverse;
        }

        return new Weight(
            Bound(floor - 1, input) * pitch, Bound(floor, input) * pitch, Bound(floor + 1, input) * pitch, Bound(floor + 2, input) * pitch, w0, w1, w2, w3);

        bool Inside(long index) => index >= 0 && index < input;
    }

    private readonly record struct Weight(
        int Index0, int Index1, int Index2, int Index3, float Weight0, float Weight1, float Weight2, float Weight3);
}
