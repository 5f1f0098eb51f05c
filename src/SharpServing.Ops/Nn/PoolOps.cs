using System.Numerics;
using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Nn;

/// <summary>MaxPool and AvgPool.</summary>
internal static unsafe class PoolOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("MaxPool", builder => Make(builder, maximum: true));
        registry.Add("AvgPool", builder => Make(builder, maximum: false));
    }

    private static OpKernel Make(KernelBuilder builder, bool maximum)
    {
        DType type = builder.InputType(0);
        if (!type.IsFloating() && !(maximum && type is DType.Int32 or DType.Int64 or DType.UInt8 or DType.Int16 or DType.Int8 or DType.UInt16))
        {
            return builder.UnsupportedType(type);
        }

        var window = new WindowAttributes(builder, maximum ? "MaxPool" : "AvgPool");
        long[] kernel = builder.Attributes.Ints("ksize");
        if (kernel.Length != 4)
        {
            throw StatusException.InvalidArgument("Sliding window ksize field must specify 4 dimensions");
        }

        if (kernel[0] != 1)
        {
            throw StatusException.Unimplemented("Pooling is not yet supported on the batch dimension.");
        }

        int first = window.ChannelsFirst ? 2 : 1;
        if (kernel[window.ChannelsFirst ? 1 : 3] != 1)
        {
            builder.Unsupported("pooling over channels");
        }

        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            if (input.Rank != 4)
            {
                throw StatusException.InvalidArgument($"tensor_in must be 4-dimensional");
            }

            Tensor source = window.ChannelsFirst ? Layout.ToChannelsLast(input) : input.AddRef();
            Tensor? result = null;
            try
            {
                WindowGeometry geometry = window.Geometry(source.Shape, kernel[first], kernel[first + 1], source.Shape[3]);
                result = Tensor.Allocate(type, new Shape(geometry.Batch, geometry.OutputHeight, geometry.OutputWidth, geometry.OutputChannels));
                Run(source, geometry, maximum, result);
            }
            catch
            {
                result?.Release();
                throw;
            }
            finally
            {
                source.Release();
            }

            ConvolutionOps.SetImage(context, window, result);
        });
    }

    private static void Run(Tensor source, in WindowGeometry geometry, bool maximum, Tensor result)
    {
        switch (source.DType)
        {
            case DType.Float:
                Float((float*)source.Data, geometry, maximum, (float*)result.Data);
                break;
            case DType.Half or DType.BFloat16:
                Tensor wide = BFloat16Bridge.Widen(source);
                Tensor target = Tensor.Allocate(DType.Float, result.Shape);
                Float((float*)wide.Data, geometry, maximum, (float*)target.Data);
                BFloat16Bridge.Narrow(target.Span<float>(), result);
                wide.Release();
                target.Release();
                break;
            case DType.Double:
                Loop<double>(source, geometry, maximum, result);
                break;
            case DType.Int32:
                Loop<int>(source, geometry, maximum, result);
                break;
            case DType.Int64:
                Loop<long>(source, geometry, maximum, result);
                break;
            case DType.UInt8:
                Loop<byte>(source, geometry, maximum, result);
                break;
            case DType.Int8:
                Loop<sbyte>(source, geometry, maximum, result);
                break;
            case DType.Int16:
                Loop<short>(source, geometry, maximum, result);
                break;
            default:
                Loop<ushort>(source, geometry, maximum, result);
                break;
        }
    }

    private static void Float(float* source, in WindowGeometry geometry, bool maximum, float* target)
    {
        if (maximum)
        {
            Pool2D.Max(source, geometry, target);
        }
        else
        {
            Pool2D.Average(source, geometry, target);
        }
    }

    private static void Loop<T>(Tensor input, in WindowGeometry g, bool maximum, Tensor result)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        T* source = (T*)input.Data;
        T* target = (T*)result.Data;
        for (long at = 0; at < result.ElementCount; at++)
        {
            int c = (int)(at % g.OutputChannels);
            int x = (int)(at / g.OutputChannels % g.OutputWidth);
            int y = (int)(at / g.OutputChannels / g.OutputWidth % g.OutputHeight);
            long n = at / g.OutputChannels / g.OutputWidth / g.OutputHeight;
            T value = maximum ? T.MinValue : T.Zero;
            int count = 0;
            for (int ky = 0; ky < g.KernelHeight; ky++)
            {
                int iy = (y * g.StrideHeight) - g.PadTop + ky;
                for (int kx = 0; kx < g.KernelWidth && (uint)iy < (uint)g.InputHeight; kx++)
                {
                    int ix = (x * g.StrideWidth) - g.PadLeft + kx;
                    if ((uint)ix < (uint)g.InputWidth)
                    {
                        T element = source[((((n * g.InputHeight) + iy) * g.InputWidth) + ix) * g.InputChannels + c];
                        value = maximum ? (element > value ? element : value) : value + element;
                        count++;
                    }
                }
            }

            target[at] = maximum ? value : value / T.CreateTruncating(System.Math.Max(count, 1));
        }
    }
}
