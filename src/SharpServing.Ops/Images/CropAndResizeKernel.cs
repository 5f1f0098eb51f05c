using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;
using static SharpServing.Ops.Support.Requirements;

namespace SharpServing.Ops.Images;

/// <summary>
/// Cuts boxes (y1, x1, y2, x2 in units of height - 1 and width - 1) out of images [batch, height, width, depth] and resizes each to one
/// size; samples outside get a constant. Source: tensorflow/core/kernels/image/crop_and_resize_op.cc.
/// </summary>
internal sealed class CropAndResizeKernel : OpKernel
{
    private readonly bool _nearest;
    private readonly float _outside;

    public CropAndResizeKernel(KernelBuilder builder)
    {
        _nearest = builder.Attributes.String("method") == "nearest";
        _outside = builder.Attributes.Float("extrapolation_value");
    }

    public override void Compute(OpContext context)
    {
        Tensor image = context.Input(0);
        Tensor boxes = context.Input(1);
        Tensor boxIndex = context.Input(2);
        Tensor cropSize = context.Input(3);
        Require(image.Rank == 4, $"input image must be 4-D{image.Shape}");
        Require(image.Shape[1] > 0 && image.Shape[2] > 0, "image dimensions must be positive");
        long count = 0;
        if (boxes.ElementCount > 0 || boxIndex.ElementCount > 0)
        {
            Require(boxes.Rank == 2, $"boxes must be 2-D{boxes.Shape}");
            count = boxes.Shape[0];
            Require(boxes.Shape[1] == 4, "boxes must have 4 columns");
            Require(!boxes.Span<float>().ContainsNonFinite(), "Boxes contains at least one element that is not finite");
            Require(boxIndex.Rank == 1, $"box_index must be 1-D{boxIndex.Shape}");
            Require(boxIndex.Shape[0] == count, "box_index has incompatible shape");
        }

        Require(cropSize.Rank == 1, $"crop_size must be 1-D{cropSize.Shape}");
        Require(cropSize.Shape[0] == 2, $"crop_size must have two elements{cropSize.Shape}");
        int height = cropSize.Span<int>()[0];
        int width = cropSize.Span<int>()[1];
        Require(height > 0 && width > 0, "crop dimensions must be positive");
        foreach (int index in boxIndex.Span<int>())
        {
            if (index < 0 || index >= image.Shape[0])
            {
                throw StatusException.OutOfRange("box_index has values outside [0, batch_size)");
            }
        }

        Tensor output = OutputMemory.Allocate(context, 0, count, height, width, image.Shape[3]);
        if (output.ElementCount == 0)
        {
            return;
        }

        Tensor source = FloatValues.Of(image);
        try
        {
            int size = checked((int)(height * (long)width * image.Shape[3]));
            for (int b = 0; b < count; b++)
            {
                Crop(source, boxIndex.Span<int>()[b], boxes.Span<float>().Slice(b * 4, 4), output.Span<float>().Slice(b * size, size), height, width);
            }
        }
        finally
        {
            source.Release();
        }
    }

    /// <summary>Source coordinate of crop index <paramref name="i"/> between corners <paramref name="from"/> and <paramref name="to"/>.</summary>
    private static float Coordinate(int i, int count, float from, float to, int size)
    {
        float scale = count > 1 ? (to - from) * (size - 1) / (count - 1) : 0;
        return count > 1 ? (from * (size - 1)) + (i * scale) : 0.5f * (from + to) * (size - 1);
    }

    private void Crop(Tensor image, int index, ReadOnlySpan<float> box, Span<float> target, int height, int width)
    {
        int inHeight = (int)image.Shape[1];
        int inWidth = (int)image.Shape[2];
        int depth = (int)image.Shape[3];
        int row = inWidth * depth;
        ReadOnlySpan<float> pixels = image.Span<float>().Slice(index * inHeight * row, inHeight * row);
        int at = 0;
        for (int y = 0; y < height; y++)
        {
            float inY = Coordinate(y, height, box[0], box[2], inHeight);
            for (int x = 0; x < width; x++, at += depth)
            {
                float inX = Coordinate(x, width, box[1], box[3], inWidth);
                Span<float> pixel = target.Slice(at, depth);
                if (!(inY >= 0 && inY <= inHeight - 1 && inX >= 0 && inX <= inWidth - 1))
                {
                    pixel.Fill(_outside);
                }
                else if (_nearest)
                {
                    int nearY = (int)MathF.Round(inY, MidpointRounding.AwayFromZero);
                    int nearX = (int)MathF.Round(inX, MidpointRounding.AwayFromZero);
                    pixels.Slice((nearY * row) + (nearX * depth), depth).CopyTo(pixel);
                }
                else
                {
                    Blend(pixels, row, depth, inY, inX, pixel);
                }
            }
        }
    }

    private static void Blend(ReadOnlySpan<float> pixels, int row, int depth, float y, float x, Span<float> pixel)
    {
        int top = (int)MathF.Floor(y) * row;
        int bottom = (int)MathF.Ceiling(y) * row;
        int left = (int)MathF.Floor(x) * depth;
        int right = (int)MathF.Ceiling(x) * depth;
        float yLerp = y - MathF.Floor(y);
        float xLerp = x - MathF.Floor(x);
        for (int c = 0; c < depth; c++)
        {
            float topLeft = pixels[top + left + c];
            float bottomLeft = pixels[bottom + left + c];
            float upper = topLeft + ((pixels[top + right + c] - topLeft) * xLerp);
            float lower = bottomLeft + ((pixels[bottom + right + c] - bottomLeft) * xLerp);
            pixel[c] = upper + ((lower - upper) * yLerp);
        }
    }
}
