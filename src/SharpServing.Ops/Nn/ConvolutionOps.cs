using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Nn;

/// <summary>Conv2D, DepthwiseConv2dNative, Conv2DBackpropInput.</summary>
internal static unsafe class ConvolutionOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Conv2D", ConvolutionShapes.Conv2D, MakeConv2D);
        registry.Add("DepthwiseConv2dNative", ConvolutionShapes.Depthwise, MakeDepthwise);
        registry.Add("Conv2DBackpropInput", ConvolutionShapes.Transposed, MakeTransposed);
    }

    /// <summary>The constant filter of input <paramref name="input"/>, packed; null when it is not constant float32.</summary>
    public static PackedFilter? TakeFilter(KernelBuilder builder, int input)
    {
        if (builder.ConstantInput(input) is not { DType: DType.Float, Rank: 4 } filter || filter.ElementCount == 0)
        {
            return null;
        }

        builder.DropInput(input);
        Shape shape = filter.Shape;
        return builder.Session.Share(filter, "conv", () =>
            PackedFilter.Pack((float*)filter.Data, (int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3]));
    }

    private static OpKernel MakeConv2D(KernelBuilder builder)
    {
        DType type = builder.InputType(0);
        if (type is not (DType.Float or DType.Half or DType.BFloat16 or DType.Double or DType.Int32))
        {
            return builder.UnsupportedType(type);
        }

        var window = new WindowAttributes(builder, "Conv2D");
        Shape? filterShape = builder.ConstantInput(1)?.Shape;
        PackedFilter? packed = type == DType.Float ? TakeFilter(builder, 1) : null;
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            Shape filter = packed is null ? context.Input(1).Shape : filterShape!.Value;
            CheckRanks(input.Shape, filter);
            Tensor source = window.ChannelsFirst ? Layout.ToChannelsLast(input) : input.AddRef();
            Tensor? result = null;
            try
            {
                long depth = source.Shape[3];
                if (filter[2] <= 0)
                {
                    throw StatusException.InvalidArgument($"filter depth must be stricly positive, got {filter[2]}");
                }

                if (depth % filter[2] != 0)
                {
                    throw StatusException.InvalidArgument($"input depth must be evenly divisible by filter depth: {depth} vs {filter[2]}");
                }

                int groups = (int)(depth / filter[2]);
                if (groups == 0 || filter[3] % groups != 0)
                {
                    throw StatusException.InvalidArgument($"output depth must be evenly divisible by number of groups: {filter[3]} vs {groups}");
                }

                WindowGeometry geometry = window.Geometry(source.Shape, filter[0], filter[1], filter[3]);
                var shape = new Shape(geometry.Batch, geometry.OutputHeight, geometry.OutputWidth, geometry.OutputChannels);
                result = Tensor.Allocate(type, shape);
                if (packed is not null && groups == 1)
                {
                    Conv2D.Run((float*)source.Data, geometry, packed, (float*)result.Data);
                }
                else
                {
                    TypedConvolution.Run(source, packed is null ? context.Input(1) : null, packed, filter, geometry, groups, result);
                }
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

            SetImage(context, window, result);
        });
    }

    /// <summary>Sets output 0 from a channels-last result, whose reference it takes.</summary>
    public static void SetImage(OpContext context, WindowAttributes window, Tensor result)
    {
        if (window.ChannelsFirst)
        {
            context.SetOutput(0, Layout.ToChannelsFirst(result));
            result.Release();
        }
        else
        {
            context.SetOutput(0, result);
        }
    }

    private static void CheckRanks(in Shape input, in Shape filter)
    {
        if (input.Rank != 4)
        {
            throw StatusException.InvalidArgument($"convolution input must be 4-dimensional: {input}");
        }

        if (filter.Rank != 4)
        {
            throw StatusException.InvalidArgument($"filter must be 4-dimensional: {filter}");
        }
    }

    private static OpKernel MakeDepthwise(KernelBuilder builder)
    {
        DType type = builder.InputType(0);
        if (type is not (DType.Float or DType.Half or DType.BFloat16 or DType.Double))
        {
            return builder.UnsupportedType(type);
        }

        var window = new WindowAttributes(builder, "DepthwiseConv2dNative");
        if (window.StrideHeight != window.StrideWidth)
        {
            throw StatusException.InvalidArgument("Current implementation only supports equal length strides in the row and column dimensions.");
        }

        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            Tensor filter = context.Input(1);
            if (input.Rank != 4)
            {
                throw StatusException.InvalidArgument($"input must be 4-dimensional{input.Shape}");
            }

            if (filter.Rank != 4)
            {
                throw StatusException.InvalidArgument($"filter must be 4-dimensional: {filter.Shape}");
            }

            Tensor source = window.ChannelsFirst ? Layout.ToChannelsLast(input) : input.AddRef();
            Tensor? result = null;
            try
            {
                long depth = source.Shape[3];
                if (depth != filter.Shape[2])
                {
                    throw StatusException.InvalidArgument($"input and filter must have the same depth: {depth} vs {filter.Shape[2]}");
                }

                WindowGeometry geometry = window.Geometry(source.Shape, filter.Shape[0], filter.Shape[1], depth * filter.Shape[3]);
                result = Tensor.Allocate(type, new Shape(geometry.Batch, geometry.OutputHeight, geometry.OutputWidth, geometry.OutputChannels));
                TypedConvolution.RunDepthwise(source, filter, geometry, result);
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

            SetImage(context, window, result);
        });
    }

    private static OpKernel MakeTransposed(KernelBuilder builder)
    {
        if (builder.InputType(1) is not (DType.Float or DType.Half or DType.BFloat16))
        {
            return builder.UnsupportedType(builder.InputType(1));
        }

        var window = new WindowAttributes(builder, "Conv2DBackpropInput");
        if (window.DilationHeight != 1 || window.DilationWidth != 1)
        {
            throw StatusException.InvalidArgument("Current CPU implementations do not yet support dilation rates larger than 1.");
        }

        PackedFilter? packed = null;
        Shape? filterShape = null;
        if (builder.ConstantInput(1) is { DType: DType.Float, Rank: 4 } constant && constant.ElementCount > 0)
        {
            filterShape = constant.Shape;
            builder.DropInput(1);
            packed = builder.Session.Share(constant, "conv_transposed", () => PackTransposed(constant));
        }

        return new LambdaKernel(context =>
        {
            Tensor sizes = context.Input(0);
            Tensor gradient = context.Input(2);
            if (gradient.Rank != 4)
            {
                throw StatusException.InvalidArgument("Conv2DBackpropInput: out_backprop must be 4-dimensional");
            }

            if (sizes.Rank != 1)
            {
                throw StatusException.InvalidArgument($"Conv2DBackpropInput: input_sizes input must be 1-dim, not {sizes.Rank}");
            }

            if ((filterShape ?? context.Input(1).Shape).Rank != 4)
            {
                throw StatusException.InvalidArgument("Conv2DCustomBackpropInput: filter must be 4-dimensional");
            }

            for (int i = 0; i < sizes.ElementCount; i++)
            {
                if (IndexInput.At(sizes, i) < 0)
                {
                    throw StatusException.InvalidArgument($"Dimension {IndexInput.At(sizes, i)} must be >= 0");
                }
            }

            bool narrow = gradient.DType != DType.Float;
            Tensor operand = window.ChannelsFirst ? Layout.ToChannelsLast(gradient) : gradient.AddRef();
            if (narrow)
            {
                Tensor wide = BFloat16Bridge.Widen(operand);
                operand.Release();
                operand = wide;
            }

            Shape filter = filterShape ?? context.Input(1).Shape;
            int first = window.ChannelsFirst ? 2 : 1;
            Shape shape = sizes.ElementCount == 2
                ? new Shape(operand.Shape[0], IndexInput.At(sizes, 0), IndexInput.At(sizes, 1), filter[2])
                : new Shape(IndexInput.At(sizes, 0), IndexInput.At(sizes, first), IndexInput.At(sizes, first + 1), IndexInput.At(sizes, window.ChannelsFirst ? 1 : 3));
            Tensor? result = null;
            PackedFilter weights = packed!;
            try
            {
                if (packed is null)
                {
                    Tensor wide = narrow ? BFloat16Bridge.Widen(context.Input(1)) : context.Input(1).AddRef();
                    weights = PackTransposed(wide);
                    wide.Release();
                }

                WindowGeometry geometry = window.Geometry(shape, filter[0], filter[1], filter[3]);
                if (shape[0] != operand.Shape[0])
                {
                    throw StatusException.InvalidArgument("Conv2DCustomBackpropInput: input and out_backprop must have the same batch size. " +
                        $"Input batch: {shape[0]}, outbackprop batch: {operand.Shape[0]}, batch_dim: 0");
                }

                CheckBackpropSize(1, geometry.InputHeight, geometry.KernelHeight, operand.Shape[1], geometry.OutputHeight, window.StrideHeight);
                CheckBackpropSize(2, geometry.InputWidth, geometry.KernelWidth, operand.Shape[2], geometry.OutputWidth, window.StrideWidth);
                if (filter[3] != operand.Shape[3])
                {
                    throw StatusException.InvalidArgument("Conv2DCustomBackpropInput: filter and out_backprop must have the same out_depth");
                }

                result = Tensor.Allocate(DType.Float, shape);
                Conv2DTransposed.Run((float*)operand.Data, geometry, weights, (float*)result.Data);
            }
            catch
            {
                result?.Release();
                throw;
            }
            finally
            {
                operand.Release();
                if (packed is null)
                {
                    weights?.Release();
                }
            }

            if (narrow)
            {
                Tensor rounded = Tensor.Allocate(context.OutputType(0), result.Shape);
                BFloat16Bridge.Narrow(result.Span<float>(), rounded);
                result.Release();
                result = rounded;
            }

            SetImage(context, window, result);
        });
    }

    private static void CheckBackpropSize(int dimension, long input, long filter, long actual, long computed, long stride)
    {
        if (actual != computed)
        {
            throw StatusException.InvalidArgument(
                $"Conv2DCustomBackpropInput: Size of out_backprop doesn't match computed: actual = {actual}, computed = {computed} spatial_dim: {dimension} input: {input} filter: {filter} output: {actual} stride: {stride} dilation: 1");
        }
    }

    private static PackedFilter PackTransposed(Tensor filter)
    {
        Shape shape = filter.Shape;
        return PackedFilter.PackTransposed((float*)filter.Data, (int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3]);
    }
}
