using SharpServing.Runtime.Registry;

namespace SharpServing.Ops.Images;

/// <summary>
/// Which source coordinate an output index stands for, in float32: <c>i * scale</c>, with corners aligned, or with pixel centres at
/// half coordinates. Source: tensorflow/core/util/image_resizer_state.h.
/// </summary>
internal readonly struct ResizeScale
{
    private readonly bool _alignCorners;

    public ResizeScale(KernelBuilder builder)
    {
        _alignCorners = builder.Attributes.Bool("align_corners");
        HalfPixels = builder.Attributes.Has("half_pixel_centers") && builder.Attributes.Bool("half_pixel_centers");
        if (_alignCorners && HalfPixels)
        {
            throw StatusException.InvalidArgument("If half_pixel_centers is True, align_corners must be False.");
        }
    }

    public bool HalfPixels { get; }

    /// <summary>Source pixels per output pixel.</summary>
    public float Scale(long input, long output) =>
        _alignCorners && output > 1 ? (input - 1) / (float)(output - 1) : input / (float)output;

    /// <summary>Source coordinate of output <paramref name="index"/>, between pixels.</summary>
    public float Map(long index, float scale) =>
        HalfPixels ? (((float)index + 0.5f) * scale) - 0.5f : (float)index * scale;

    /// <summary>Source pixel of output <paramref name="index"/>.</summary>
    public long Nearest(long index, float scale, long input)
    {
        float exact = HalfPixels ? ((float)index + 0.5f) * scale : (float)index * scale;
        long pixel = (long)(_alignCorners ? MathF.Round(exact, MidpointRounding.AwayFromZero) : MathF.Floor(exact));
        return System.Math.Clamp(pixel, 0, input - 1);
    }
}
