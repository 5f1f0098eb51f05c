using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Images;

/// <summary>Each output pixel is the nearest source pixel; any plain dtype.</summary>
internal sealed class NearestKernel : ResizeKernel
{
    public NearestKernel(KernelBuilder builder)
        : base(builder)
    {
    }

    protected override void Resize(Tensor images, Tensor output)
    {
        int pixel = checked((int)images.Shape[3] * images.DType.SizeOf());
        long inHeight = images.Shape[1];
        long inWidth = images.Shape[2];
        int height = (int)output.Shape[1];
        int width = (int)output.Shape[2];
        float heightScale = Scale.Scale(inHeight, height);
        float widthScale = Scale.Scale(inWidth, width);
        var columns = new int[width];
        for (int x = 0; x < width; x++)
        {
            columns[x] = checked((int)(Scale.Nearest(x, widthScale, inWidth) * pixel));
        }

        ReadOnlySpan<byte> source = images.Bytes;
        Span<byte> target = output.Bytes;
        int row = checked((int)inWidth * pixel);
        int at = 0;
        for (int b = 0; b < output.Shape[0]; b++)
        {
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<byte> line = source.Slice((int)(((b * inHeight) + Scale.Nearest(y, heightScale, inHeight)) * row), row);
                foreach (int x in columns)
                {
                    line.Slice(x, pixel).CopyTo(target[at..]);
                    at += pixel;
                }
            }
        }
    }
}
