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
                Kernels.TypedConvolution.Conv2D((double*)input.Data, geometry, (double*)filter!.Data, groups, (double*)result.Data);
                break;
            default:
                Kernels.TypedConvolution.Conv2D((int*)input.Data, geometry, (int*)filter!.Data, groups, (int*)result.Data);
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
                Kernels.TypedConvolution.Depthwise((double*)input.Data, geometry, (double*)filter.Data, (double*)result.Data);
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
}
