using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Images;

/// <summary>RGB to HSV and back over the last dimension of 3, all values in [0, 1]. Source: tensorflow/core/kernels/image/colorspace_op.h.</summary>
internal sealed class ColorSpaceKernel : OpKernel
{
    private readonly bool _toHsv;

    public ColorSpaceKernel(KernelBuilder builder, bool toHsv)
    {
        _toHsv = toHsv;
        if (!builder.InputType(0).IsFloating())
        {
            builder.UnsupportedType(builder.InputType(0));
        }
    }

    public override void Compute(OpContext context)
    {
        Tensor input = context.Input(0);
        if (input.Rank < 1)
        {
            throw StatusException.InvalidArgument($"input must be at least 1D{input.Shape}");
        }

        if (input.Shape[-1] != 3)
        {
            throw StatusException.FailedPrecondition($"input must have 3 channels but input only has {input.Shape[-1]} channels.");
        }

        Tensor output = context.Allocate(0, input.Shape);
        if (input.DType == DType.Double)
        {
            Convert(input.Span<double>(), output.Span<double>());
            return;
        }

        Tensor source = FloatValues.Of(input);
        try
        {
            Span<float> result = input.DType == DType.Float ? output.Span<float>() : source.Span<float>();
            Convert(source.Span<float>(), result);
            if (input.DType != DType.Float)
            {
                BFloat16Bridge.Narrow(result, output);
            }
        }
        finally
        {
            source.Release();
        }
    }

    private void Convert<T>(ReadOnlySpan<T> source, Span<T> target)
        where T : System.Numerics.IFloatingPointIeee754<T>
    {
        for (int i = 0; i < source.Length; i += 3)
        {
            (target[i], target[i + 1], target[i + 2]) = _toHsv
                ? ToHsv(source[i], source[i + 1], source[i + 2])
                : ToRgb(source[i], source[i + 1], source[i + 2]);
        }
    }

    private static (T H, T S, T V) ToHsv<T>(T red, T green, T blue)
        where T : System.Numerics.IFloatingPointIeee754<T>
    {
        T six = T.CreateChecked(6);
        T value = red > green ? red : green;
        value = blue > value ? blue : value;
        T least = red < green ? red : green;
        least = blue < least ? blue : least;
        T range = value - least;
        T saturation = value > T.Zero ? range / value : T.Zero;
        T norm = T.One / (six * range);
        T hue = red == value ? norm * (green - blue)
            : green == value ? (norm * (blue - red)) + (T.CreateChecked(2) / six)
            : (norm * (red - green)) + (T.CreateChecked(4) / six);
        hue = range > T.Zero ? hue : T.Zero;
        return (hue < T.Zero ? hue + T.One : hue, saturation, value);
    }

    private static (T R, T G, T B) ToRgb<T>(T hue, T saturation, T value)
        where T : System.Numerics.IFloatingPointIeee754<T>
    {
        T two = T.CreateChecked(2);
        T sixth = hue * T.CreateChecked(6);
        T red = T.Clamp(T.Abs(sixth - T.CreateChecked(3)) - T.One, T.Zero, T.One);
        T green = T.Clamp(two - T.Abs(sixth - two), T.Zero, T.One);
        T blue = T.Clamp(two - T.Abs(sixth - T.CreateChecked(4)), T.Zero, T.One);
        T white = T.One - saturation;
        return ((white + (saturation * red)) * value, (white + (saturation * green)) * value, (white + (saturation * blue)) * value);
    }
}
