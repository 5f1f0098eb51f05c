using System.Numerics;
using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Nn;

/// <summary>BiasAdd.</summary>
internal static class BiasOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("BiasAdd", NnShapes.BiasAdd, Make);
        registry.Add("BiasAddV1", NnShapes.BiasAdd, Make);
    }

    private static OpKernel Make(KernelBuilder builder)
    {
        bool channelsFirst = builder.Attributes.Has("data_format") && builder.Attributes.String("data_format") == "NCHW";
        return builder.InputType(0) switch
        {
            DType.Float => new BiasAddKernel<float>(channelsFirst),
            DType.Double => new BiasAddKernel<double>(channelsFirst),
            DType.Int32 => new BiasAddKernel<int>(channelsFirst),
            DType.Int64 => new BiasAddKernel<long>(channelsFirst),
            DType.Int16 => new BiasAddKernel<short>(channelsFirst),
            DType.Int8 => new BiasAddKernel<sbyte>(channelsFirst),
            DType.UInt8 => new BiasAddKernel<byte>(channelsFirst),
            DType.UInt16 => new BiasAddKernel<ushort>(channelsFirst),
            DType.UInt32 => new BiasAddKernel<uint>(channelsFirst),
            DType.UInt64 => new BiasAddKernel<ulong>(channelsFirst),
            DType.Half or DType.BFloat16 => new BiasAddKernel<float>(channelsFirst),
            DType.Complex128 => new BiasAddKernel<Complex>(channelsFirst),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };
    }

    /// <summary>y[…, c] = x[…, c] + bias[c]; channels first: y[n, c, …].</summary>
    private sealed class BiasAddKernel<T>(bool channelsFirst) : OpKernel
        where T : unmanaged, INumberBase<T>
    {
        public override void Compute(OpContext context)
        {
            Tensor x = context.Input(0);
            Tensor bias = context.Input(1);
            if (x.Rank < 2)
            {
                throw StatusException.InvalidArgument($"Input tensor must be at least 2D: {x.Shape}");
            }

            if (bias.Rank != 1)
            {
                throw StatusException.InvalidArgument($"Biases must be 1D: {bias.Shape}");
            }

            int axis = channelsFirst ? 1 : x.Rank - 1;
            long channels = x.Shape[axis];
            if (bias.Shape[0] != channels)
            {
                throw StatusException.InvalidArgument(
                    $"Must provide as many biases as the last dimension of the input tensor: {bias.Shape} vs. {x.Shape}");
            }

            bool narrow = x.DType is DType.Half or DType.BFloat16;
            Tensor source = narrow ? BFloat16Bridge.Widen(x) : x;
            Tensor addend = narrow ? BFloat16Bridge.Widen(bias) : bias;
            Shape shape = x.Shape;
            Tensor target = narrow ? Tensor.Allocate(DType.Float, shape) : context.AllocateOrReuse(0, shape, 0);

            if (target.ElementCount > 0)
            {
                var rows = new Shape(shape.CountOf(0, axis), channels, shape.CountOf(axis + 1, shape.Rank));
                Elementwise.Binary<AddOperator<T>, T>(
                    source.Span<T>(), rows, addend.Span<T>(), new Shape(channels, 1), target.Span<T>(), rows);
            }

            if (narrow)
            {
                addend.Release();
                source.Release();
                BFloat16Bridge.Narrow(target.Span<float>(), context.Allocate(0, shape));
                target.Release();
            }
        }
    }
}
