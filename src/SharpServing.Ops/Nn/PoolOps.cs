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
        registry.Add("MaxPool", ConvolutionShapes.Pool, builder => Make(builder, maximum: true));
        registry.Add("AvgPool", ConvolutionShapes.Pool, builder => Make(builder, maximum: false));
    }

    private static OpKernel Make(KernelBuilder builder, bool maximum)
    {
        DType type = builder.InputType(0);
        if (!type.IsFloating() && !(maximum && type is DType.Int32 or DType.Int64 or DType.UInt8 or DType.Int16 or DType.Int8 or DType.UInt16))
        {
            return builder.UnsupportedType(type);
        }

        var window = new WindowAttributes(builder, maximum ? "MaxPool" : "AvgPool", isPool: true);
        long[] kernel = builder.Attributes.Ints("ksize");
        if (kernel.Length != 4)
        {
            throw StatusException.InvalidArgument("Sliding window ksize field must specify 4 dimensions");
        }

        foreach (long extent in kernel)
        {
            if (extent <= 0)
            {
                throw StatusException.InvalidArgument(maximum
                    ? $"Sliding window ksize must be positive. The specified or inferred ksize is: {string.Join(',', kernel)}"
                    : $"ksize must be a positive int32 value, got:{extent}");
            }
        }

        if (kernel[0] != 1 || window.BatchStride != 1)
        {
            throw StatusException.Unimplemented("Pooling is not yet supported on the batch dimension.");
        }

        int first = window.ChannelsFirst ? 2 : 1;
        long depthWindow = kernel[window.ChannelsFirst ? 1 : 3];
        if (depthWindow != 1)
        {
            if (kernel[first] != 1 || kernel[first + 1] != 1)
            {
                throw StatusException.Unimplemented("MaxPooling supports exactly one of pooling across depth or pooling across width/height.");
            }

            return new DepthPoolKernel(depthWindow, window, maximum);
        }

        window.CheckPoolPadding(kernel[first], kernel[first + 1]);

        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            CheckRank(input, window);
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

    private static void CheckRank(Tensor input, WindowAttributes window)
    {
        if (input.Rank != 4)
        {
            throw StatusException.InvalidArgument($"tensor_in_shape must have 2 spatial dimensions. {input.Rank} {(window.ChannelsFirst ? 1 : 0)}");
        }
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

    private static void Loop<T>(Tensor source, in WindowGeometry geometry, bool maximum, Tensor result)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        if (maximum)
        {
            Kernels.TypedConvolution.MaxPool((T*)source.Data, geometry, (T*)result.Data);
        }
        else
        {
            Kernels.TypedConvolution.AveragePool((T*)source.Data, geometry, (T*)result.Data);
        }
    }

    /// <summary>The maximum of groups of neighbouring channels.</summary>
    private sealed class DepthPoolKernel(long depthWindow, WindowAttributes window, bool maximum) : OpKernel
    {
        public override void Compute(Runtime.Execution.OpContext context)
        {
            Tensor input = context.Input(0);
            CheckRank(input, window);
            long depth = input.Shape[window.ChannelsFirst ? 1 : 3];
            if (depth % depthWindow != 0)
            {
                throw StatusException.Unimplemented("Depthwise max pooling requires the depth window to evenly divide the input depth");
            }

            if (depthWindow != window.ChannelStride)
            {
                throw StatusException.Unimplemented("Depthwise max pooling requires the depth window to equal the depth stride");
            }

            if (!maximum)
            {
                throw StatusException.Unimplemented("Non-spatial pooling is not yet supported. Volunteers? :)");
            }

            if (window.ChannelsFirst || input.DType is DType.Half or DType.BFloat16)
            {
                throw StatusException.Unimplemented("SharpServing does not support: depthwise MaxPool of this layout or dtype");
            }

            Tensor result = context.Allocate(0, input.Shape.WithDimension(3, depth / depthWindow));
            switch (input.DType)
            {
                case DType.Float:
                    Largest<float>(input, result);
                    break;
                case DType.Double:
                    Largest<double>(input, result);
                    break;
                case DType.Int32:
                    Largest<int>(input, result);
                    break;
                case DType.Int64:
                    Largest<long>(input, result);
                    break;
                case DType.Int16:
                    Largest<short>(input, result);
                    break;
                case DType.UInt16:
                    Largest<ushort>(input, result);
                    break;
                case DType.Int8:
                    Largest<sbyte>(input, result);
                    break;
                default:
                    Largest<byte>(input, result);
                    break;
            }
        }

        private void Largest<T>(Tensor input, Tensor result)
            where T : unmanaged, INumber<T>
        {
            ReadOnlySpan<T> source = input.Span<T>();
            Span<T> target = result.Span<T>();
            for (int i = 0; i < target.Length; i++)
            {
                T largest = source[(int)(i * depthWindow)];
                foreach (T value in source.Slice((int)(i * depthWindow), (int)depthWindow))
                {
                    largest = value > largest ? value : largest;
                }

                target[i] = largest;
            }
        }
    }
}
