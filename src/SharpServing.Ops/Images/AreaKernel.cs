using SharpServing.Ops.Support;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Images;

/// <summary>
/// Each output pixel is the mean of the source area it covers, partly covered pixels by their share. Source:
/// tensorflow/core/kernels/image/resize_area_op.cc.
/// </summary>
internal sealed class AreaKernel : ResizeKernel
{
    public AreaKernel(KernelBuilder builder)
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
        int inHeight = (int)input[1];
        int inWidth = (int)input[2];
        int channels = (int)input[3];
        int width = (int)output[2];
        float heightScale = NotZero(Scale.Scale(inHeight, output[1]));
        float widthScale = NotZero(Scale.Scale(inWidth, width));
        float scale = (float)(1.0 / (heightScale * widthScale));
        int row = inWidth * channels;
        int image = checked(inHeight * row);
        var sums = new float[channels];
        int at = 0;
        for (int b = 0; b < output[0]; b++)
        {
            ReadOnlySpan<float> pixels = source.Slice(b * image, image);
            for (int y = 0; y < output[1]; y++)
            {
                var rows = new Cover(y, heightScale);
                for (int x = 0; x < width; x++)
                {
                    var columns = new Cover(x, widthScale);
                    System.Array.Clear(sums);
                    for (int i = rows.First; i < rows.End; i++)
                    {
                        AddRow(pixels.Slice(System.Math.Min(i, inHeight - 1) * row, row), columns, rows.Share(i), inWidth, sums);
                    }

                    foreach (float sum in sums)
                    {
                        target[at++] = sum * scale;
                    }
                }
            }
        }
    }

    /// <summary>One source pixel with corners aligned makes a scale of 0: every output is that pixel.</summary>
    private static float NotZero(float scale) => scale == 0 ? 1 : scale;

    private static void AddRow(ReadOnlySpan<float> line, in Cover columns, float share, int inWidth, Span<float> sums)
    {
        for (int c = 0; c < sums.Length; c++)
        {
            float sum = 0;
            for (int j = columns.First; j < columns.End; j++)
            {
                sum += line[(System.Math.Min(j, inWidth - 1) * sums.Length) + c] * columns.Share(j);
            }

            sums[c] += sum * share;
        }
    }

    /// <summary>Source pixels [First, End) that an output pixel covers.</summary>
    private readonly struct Cover
    {
        private readonly float _from;
        private readonly float _to;
        private readonly float _scale;

        public Cover(int index, float scale)
        {
            _scale = scale;
            _from = index * scale;
            _to = (index + 1) * scale;
            First = (int)MathF.Floor(_from);
            End = (int)MathF.Ceiling(_to);
        }

        public int First { get; }

        public int End { get; }

        public float Share(int i) =>
            i < _from ? (i + 1 > _to ? _scale : i + 1 - _from)
            : i + 1 > _to ? _to - i : 1;
    }
}
