using System.Numerics;
using System.Runtime.CompilerServices;
using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>
/// Convolutions and pools for element types other than float32, by plain loops over the kernel elements; half and bfloat16 go through
/// the float32 kernels and are rounded once. Layouts as <see cref="Conv2D"/>, <see cref="DepthwiseConv2D"/>,
/// <see cref="Conv2DTransposed"/>, <see cref="Pool2D"/>; filters as stored. No overlap of output and input.
/// </summary>
public static unsafe class TypedConvolution
{
    /// <summary><typeparamref name="T"/>: float, double, int, Half, <see cref="BFloat16"/>; filter HWIO.</summary>
    public static void Conv2D<T>(T* input, in WindowGeometry g, T* filter, int groups, T* output)
        where T : unmanaged
    {
        long inputs = InputCount(g);
        long outputs = g.OutputPixels * g.OutputChannels;
        int groupInputs = g.InputChannels / groups;
        long weights = (long)g.KernelHeight * g.KernelWidth * groupInputs * g.OutputChannels;
        if (typeof(T) == typeof(double))
        {
            Loop((double*)input, g, (double*)filter, groups, (double*)output);
        }
        else if (typeof(T) == typeof(int))
        {
            Loop((int*)input, g, (int*)filter, groups, (int*)output);
        }
        else if (typeof(T) == typeof(float))
        {
            PackedFilter packed = PackedFilter.Pack((float*)filter, g.KernelHeight, g.KernelWidth, groupInputs, g.OutputChannels, groups);
            Kernels.Conv2D.Run((float*)input, g, packed, (float*)output);
            packed.Release();
        }
        else
        {
            CheckNarrow<T>();
            TensorBuffer x = FloatConvert.Widen(input, inputs);
            TensorBuffer w = FloatConvert.Widen(filter, weights);
            using var y = new Scratch<float>(outputs);
            Conv2D((float*)x.Address, g, (float*)w.Address, groups, y.Data);
            x.Release();
            w.Release();
            FloatConvert.Narrow(y.Data, output, outputs);
        }
    }

    /// <summary><typeparamref name="T"/>: float, double, Half, <see cref="BFloat16"/>; filter [height, width, channels, multiplier].</summary>
    public static void Depthwise<T>(T* input, in WindowGeometry g, T* filter, T* output)
        where T : unmanaged
    {
        long outputs = g.OutputPixels * g.OutputChannels;
        if (typeof(T) == typeof(double))
        {
            // Each input channel is a group of its own.
            Loop((double*)input, g, (double*)filter, g.InputChannels, (double*)output);
        }
        else if (typeof(T) == typeof(float))
        {
            DepthwiseConv2D.Run((float*)input, g, (float*)filter, (float*)output);
        }
        else
        {
            CheckNarrow<T>();
            TensorBuffer x = FloatConvert.Widen(input, InputCount(g));
            TensorBuffer w = FloatConvert.Widen(filter, (long)g.KernelHeight * g.KernelWidth * g.OutputChannels);
            using var y = new Scratch<float>(outputs);
            DepthwiseConv2D.Run((float*)x.Address, g, (float*)w.Address, y.Data);
            x.Release();
            w.Release();
            FloatConvert.Narrow(y.Data, output, outputs);
        }
    }

    /// <summary><typeparamref name="T"/>: float, double, int, Half, <see cref="BFloat16"/>; filter HWIO of the convolution.</summary>
    public static void Transposed<T>(T* operand, in WindowGeometry g, T* filter, T* result)
        where T : unmanaged
    {
        long operands = g.OutputPixels * g.OutputChannels;
        if (typeof(T) == typeof(double))
        {
            TransposedLoop((double*)operand, g, (double*)filter, (double*)result);
        }
        else if (typeof(T) == typeof(int))
        {
            TransposedLoop((int*)operand, g, (int*)filter, (int*)result);
        }
        else if (typeof(T) == typeof(float))
        {
            PackedFilter packed = PackedFilter.PackTransposed((float*)filter, g.KernelHeight, g.KernelWidth, g.InputChannels, g.OutputChannels);
            Conv2DTransposed.Run((float*)operand, g, packed, (float*)result);
            packed.Release();
        }
        else
        {
            CheckNarrow<T>();
            TensorBuffer x = FloatConvert.Widen(operand, operands);
            TensorBuffer w = FloatConvert.Widen(filter, (long)g.KernelHeight * g.KernelWidth * g.InputChannels * g.OutputChannels);
            using var y = new Scratch<float>(InputCount(g));
            Transposed((float*)x.Address, g, (float*)w.Address, y.Data);
            x.Release();
            w.Release();
            FloatConvert.Narrow(y.Data, result, InputCount(g));
        }
    }

    /// <summary>Any number type; starts at the lowest finite number and ignores NaN.</summary>
    public static void MaxPool<T>(T* input, in WindowGeometry g, T* output)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        for (long pixel = 0; pixel < g.OutputPixels; pixel++)
        {
            T* target = output + (nint)pixel * g.OutputChannels;
            new Span<T>(target, g.OutputChannels).Fill(T.MinValue);
            for (int tap = 0; tap < g.KernelHeight * g.KernelWidth; tap++)
            {
                T* source = At(input, g, pixel, tap);
                for (int c = 0; source != null && c < g.OutputChannels; c++)
                {
                    if (source[c] > target[c])
                    {
                        target[c] = source[c];
                    }
                }
            }
        }
    }

    /// <summary>double, or any type whose sums may be taken in it; divides by the elements inside the image.</summary>
    public static void AveragePool<T>(T* input, in WindowGeometry g, T* output)
        where T : unmanaged, INumber<T>
    {
        for (long pixel = 0; pixel < g.OutputPixels; pixel++)
        {
            T* target = output + (nint)pixel * g.OutputChannels;
            new Span<T>(target, g.OutputChannels).Clear();
            T count = T.Zero;
            for (int tap = 0; tap < g.KernelHeight * g.KernelWidth; tap++)
            {
                T* source = At(input, g, pixel, tap);
                count += source == null ? T.Zero : T.One;
                for (int c = 0; source != null && c < g.OutputChannels; c++)
                {
                    target[c] += source[c];
                }
            }

            for (int c = 0; c < g.OutputChannels; c++)
            {
                target[c] /= count;
            }
        }
    }

    private static long InputCount(in WindowGeometry g) => (long)g.Batch * g.InputHeight * g.InputWidth * g.InputChannels;

    private static void CheckNarrow<T>()
        where T : unmanaged
    {
        if (!FloatConvert.IsNarrow<T>())
        {
            throw new NotSupportedException($"A convolution of {typeof(T).Name}.");
        }
    }

    /// <summary>The input pixel that a kernel element of an output pixel sees; null outside the image.</summary>
    private static T* At<T>(T* input, in WindowGeometry g, long pixel, int tap)
        where T : unmanaged
    {
        int x = (int)(pixel % g.OutputWidth) * g.StrideWidth - g.PadLeft + tap % g.KernelWidth * g.DilationWidth;
        int y = (int)(pixel / g.OutputWidth % g.OutputHeight) * g.StrideHeight - g.PadTop + tap / g.KernelWidth * g.DilationHeight;
        if ((uint)x >= (uint)g.InputWidth || (uint)y >= (uint)g.InputHeight)
        {
            return null;
        }

        nint image = (nint)(pixel / g.OutputWidth / g.OutputHeight);
        return input + ((image * g.InputHeight + y) * g.InputWidth + x) * g.InputChannels;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<T>(T* input, in WindowGeometry g, T* filter, int groups, T* output)
        where T : unmanaged, INumberBase<T>
    {
        int groupInputs = g.InputChannels / groups;
        int groupOutputs = g.OutputChannels / groups;
        for (long pixel = 0; pixel < g.OutputPixels; pixel++)
        {
            T* target = output + (nint)pixel * g.OutputChannels;
            new Span<T>(target, g.OutputChannels).Clear();
            for (int tap = 0; tap < g.KernelHeight * g.KernelWidth; tap++)
            {
                T* source = At(input, g, pixel, tap);
                if (source == null)
                {
                    continue;
                }

                T* weights = filter + (nint)tap * groupInputs * g.OutputChannels;
                for (int group = 0; group < groups; group++)
                {
                    T* sums = target + group * groupOutputs;
                    for (int c = 0; c < groupInputs; c++)
                    {
                        T value = source[group * groupInputs + c];

                        // A depthwise filter [h, w, channels, multiplier] reads the same: one input channel to a group.
                        T* row = weights + (nint)c * g.OutputChannels + group * groupOutputs;
                        for (int o = 0; o < groupOutputs; o++)
                        {
                            sums[o] = unchecked(sums[o] + value * row[o]);
                        }
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposedLoop<T>(T* operand, in WindowGeometry g, T* filter, T* result)
        where T : unmanaged, INumberBase<T>
    {
        new Span<T>(result, checked((int)InputCount(g))).Clear();
        for (long pixel = 0; pixel < g.OutputPixels; pixel++)
        {
            T* source = operand + (nint)pixel * g.OutputChannels;
            for (int tap = 0; tap < g.KernelHeight * g.KernelWidth; tap++)
            {
                T* target = At(result, g, pixel, tap);
                for (int c = 0; target != null && c < g.InputChannels; c++)
                {
                    T* weights = filter + ((nint)tap * g.InputChannels + c) * g.OutputChannels;
                    T sum = T.Zero;
                    for (int o = 0; o < g.OutputChannels; o++)
                    {
                        sum = unchecked(sum + source[o] * weights[o]);
                    }

                    target[c] = unchecked(target[c] + sum);
                }
            }
        }
    }
}
