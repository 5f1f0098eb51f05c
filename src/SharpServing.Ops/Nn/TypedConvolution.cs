using System.Numerics;
using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Tensors;

namespace SharpServing.Ops.Nn;

/// <summary>Convolutions of every dtype over channels-last images: half and bfloat16 in float32, double and int32 by a plain loop.</summary>
internal static unsafe class TypedConvolution
{
    /// <param name="filter">Null when <paramref name="packed"/> is all there is.</param>
    /// <param name="packed">The filter packed for one group.</param>
    public static void Run(Tensor input, Tensor? filter, PackedFilter? packed, in Shape filterShape, in WindowGeometry geometry, int groups, Tensor result)
    {
        switch (input.DType)
        {
            case DType.Float:
                if (filter is null)
                {
                    // A grouped convolution whose filter was packed as one: rare, so it is laid out again.
                    Tensor plain = Unpack(packed!, filterShape);
                    Float(input, plain, geometry, groups, result);
                    plain.Release();
                }
                else
                {
                    Float(input, filter, geometry, groups, result);
                }

                break;
            case DType.Half or DType.BFloat16:
                Tensor wideInput = BFloat16Bridge.Widen(input);
                Tensor wideFilter = BFloat16Bridge.Widen(filter!);
                Tensor wideResult = Tensor.Allocate(DType.Float, result.Shape);
                Float(wideInput, wideFilter, geometry, groups, wideResult);
                BFloat16Bridge.Narrow(wideResult.Span<float>(), result);
                wideInput.Release();
                wideFilter.Release();
                wideResult.Release();
                break;
            case DType.Double:
                Loop<double>(input, filter!, geometry, groups, result);
                break;
            default:
                Loop<int>(input, filter!, geometry, groups, result);
                break;
        }
    }

    public static void RunDepthwise(Tensor input, Tensor filter, in WindowGeometry geometry, Tensor result)
    {
        switch (input.DType)
        {
            case DType.Float:
                DepthwiseConv2D.Run((float*)input.Data, geometry, (float*)filter.Data, (float*)result.Data);
                break;
            case DType.Double:
                DepthwiseLoop<double>(input, filter, geometry, result);
                break;
            default:
                Tensor wideInput = BFloat16Bridge.Widen(input);
                Tensor wideFilter = BFloat16Bridge.Widen(filter);
                Tensor wideResult = Tensor.Allocate(DType.Float, result.Shape);
                DepthwiseConv2D.Run((float*)wideInput.Data, geometry, (float*)wideFilter.Data, (float*)wideResult.Data);
                BFloat16Bridge.Narrow(wideResult.Span<float>(), result);
                wideInput.Release();
                wideFilter.Release();
                wideResult.Release();
                break;
        }
    }

    private static Tensor Unpack(PackedFilter packed, in Shape shape)
    {
        Tensor plain = Tensor.Allocate(DType.Float, shape);
        packed.Unpack((float*)plain.Data);
        return plain;
    }

    private static void Float(Tensor input, Tensor filter, in WindowGeometry geometry, int groups, Tensor result)
    {
        Shape shape = filter.Shape;
        PackedFilter packed = PackedFilter.Pack((float*)filter.Data, (int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3], groups);
        try
        {
            Conv2D.Run((float*)input.Data, geometry, packed, (float*)result.Data);
        }
        finally
        {
            packed.Release();
        }
    }

    private static void Loop<T>(Tensor input, Tensor filter, in WindowGeometry g, int groups, Tensor result)
        where T : unmanaged, INumberBase<T>
    {
        T* source = (T*)input.Data;
        T* weights = (T*)filter.Data;
        T* target = (T*)result.Data;
        int groupInputs = g.InputChannels / groups;
        int groupOutputs = g.OutputChannels / groups;
        long at = 0;
        for (int n = 0; n < g.Batch; n++)
        {
            for (int y = 0; y < g.OutputHeight; y++)
            {
                for (int x = 0; x < g.OutputWidth; x++)
                {
                    for (int o = 0; o < g.OutputChannels; o++, at++)
                    {
                        T sum = T.Zero;
                        int firstInput = o / groupOutputs * groupInputs;
                        for (int ky = 0; ky < g.KernelHeight; ky++)
                        {
                            int iy = (y * g.StrideHeight) - g.PadTop + (ky * g.DilationHeight);
                            if ((uint)iy >= (uint)g.InputHeight)
                            {
                                continue;
                            }

                            for (int kx = 0; kx < g.KernelWidth; kx++)
                            {
                                int ix = (x * g.StrideWidth) - g.PadLeft + (kx * g.DilationWidth);
                                if ((uint)ix >= (uint)g.InputWidth)
                                {
                                    continue;
                                }

                                T* pixel = source + ((((((long)n * g.InputHeight) + iy) * g.InputWidth) + ix) * g.InputChannels) + firstInput;
                                T* tap = weights + ((((long)ky * g.KernelWidth) + kx) * groupInputs * g.OutputChannels) + o;
                                for (int c = 0; c < groupInputs; c++)
                                {
                                    sum = unchecked(sum + (pixel[c] * tap[(long)c * g.OutputChannels]));
                                }
                            }
                        }

                        target[at] = sum;
                    }
                }
            }
        }
    }

    private static void DepthwiseLoop<T>(Tensor input, Tensor filter, in WindowGeometry g, Tensor result)
        where T : unmanaged, INumberBase<T>
    {
        T* source = (T*)input.Data;
        T* weights = (T*)filter.Data;
        T* target = (T*)result.Data;
        int multiplier = g.OutputChannels / System.Math.Max(g.InputChannels, 1);
        long at = 0;
        for (int n = 0; n < g.Batch; n++)
        {
            for (int y = 0; y < g.OutputHeight; y++)
            {
                for (int x = 0; x < g.OutputWidth; x++)
                {
                    for (int o = 0; o < g.OutputChannels; o++, at++)
                    {
                        T sum = T.Zero;
                        for (int ky = 0; ky < g.KernelHeight; ky++)
                        {
                            int iy = (y * g.StrideHeight) - g.PadTop + (ky * g.DilationHeight);
                            for (int kx = 0; kx < g.KernelWidth && (uint)iy < (uint)g.InputHeight; kx++)
                            {
                                int ix = (x * g.StrideWidth) - g.PadLeft + (kx * g.DilationWidth);
                                if ((uint)ix < (uint)g.InputWidth)
                                {
                                    sum += source[(((((long)n * g.InputHeight) + iy) * g.InputWidth) + ix) * g.InputChannels + (o / multiplier)]
                                        * weights[(((long)ky * g.KernelWidth) + kx) * g.OutputChannels + o];
                                }
                            }
                        }

                        target[at] = sum;
                    }
                }
            }
        }
    }
}
