using System.Numerics;
using SharpServing.Kernels;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>Sum, Mean, Max, Min, Prod, All, Any, ArgMax, ArgMin over axes.</summary>
internal static class ReductionOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Sum", ReductionShapes.Integers(0, static (sum, x) => sum + x), builder => Make(builder, ReductionKind.Sum));
        registry.Add("Mean", ReductionShapes.Reduce, MakeMean);
        registry.Add("Prod", ReductionShapes.Integers(1, static (product, x) => product * x), builder => Make(builder, ReductionKind.Prod));
        registry.Add("Max", ReductionShapes.Reduce, builder => Make(builder, ReductionKind.Max));
        registry.Add("Min", ReductionShapes.Reduce, builder => Make(builder, ReductionKind.Min));
        registry.Add("All", ReductionShapes.Reduce, builder => new ReduceKernel<MinimumOperator<byte>, byte>(builder, 1));
        registry.Add("Any", ReductionShapes.Reduce, builder => new ReduceKernel<MaximumOperator<byte>, byte>(builder, 0));
        registry.Add("ArgMax", ReductionShapes.ArgReduce, builder => MakeArg(builder, max: true));
        registry.Add("ArgMin", ReductionShapes.ArgReduce, builder => MakeArg(builder, max: false));
    }

    private static OpKernel Make(KernelBuilder builder, ReductionKind kind) =>
        builder.InputType(0) switch
        {
            DType.Float => Number<float>(builder, kind),
            DType.Double => Number<double>(builder, kind),
            DType.Int8 => Number<sbyte>(builder, kind),
            DType.Int16 => Number<short>(builder, kind),
            DType.Int32 => Number<int>(builder, kind),
            DType.Int64 => Number<long>(builder, kind),
            DType.UInt8 => Number<byte>(builder, kind),
            DType.UInt16 => Number<ushort>(builder, kind),
            DType.UInt32 => Number<uint>(builder, kind),
            DType.UInt64 => Number<ulong>(builder, kind),
            DType.Half or DType.BFloat16 => Number<float>(builder, kind),
            DType.Complex128 => ComplexKernel<Complex>(builder, kind),
            DType.Complex64 => new Complex64ReduceKernel(builder, kind),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static OpKernel MakeMean(KernelBuilder builder) =>
        builder.InputType(0) switch
        {
            DType.Int8 => new NarrowIntegerMeanKernel<sbyte>(builder),
            DType.Int16 => new NarrowIntegerMeanKernel<short>(builder),
            DType.Int32 => new NarrowIntegerMeanKernel<int>(builder),
            DType.UInt8 => new NarrowIntegerMeanKernel<byte>(builder),
            DType.UInt16 => new NarrowIntegerMeanKernel<ushort>(builder),
            DType.UInt32 => new NarrowIntegerMeanKernel<uint>(builder),
            _ => Make(builder, ReductionKind.Mean),
        };

    private static OpKernel Number<T>(KernelBuilder builder, ReductionKind kind)
        where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
        kind switch
        {
            ReductionKind.Sum or ReductionKind.Mean => new ReduceKernel<AddOperator<T>, T>(builder, T.Zero, kind == ReductionKind.Mean),
            ReductionKind.Prod => new ReduceKernel<MultiplyOperator<T>, T>(builder, T.One),
            ReductionKind.Max => new ReduceKernel<MaximumOperator<T>, T>(builder, Least<T>()),
            _ => new ReduceKernel<MinimumOperator<T>, T>(builder, Greatest<T>()),
        };

    /// <summary>What nothing is larger than: -infinity or the smallest integer.</summary>
    private static T Least<T>()
        where T : INumber<T>, IMinMaxValue<T> =>
        typeof(T) == typeof(float) || typeof(T) == typeof(double) ? T.CreateTruncating(double.NegativeInfinity) : T.MinValue;

    private static T Greatest<T>()
        where T : INumber<T>, IMinMaxValue<T> =>
        typeof(T) == typeof(float) || typeof(T) == typeof(double) ? T.CreateTruncating(double.PositiveInfinity) : T.MaxValue;

    private static OpKernel ComplexKernel<T>(KernelBuilder builder, ReductionKind kind)
        where T : unmanaged, INumberBase<T> =>
        kind switch
        {
            ReductionKind.Sum or ReductionKind.Mean => new ReduceKernel<AddOperator<T>, T>(builder, T.Zero, kind == ReductionKind.Mean),
            ReductionKind.Prod => new ReduceKernel<MultiplyOperator<T>, T>(builder, T.One),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static OpKernel MakeArg(KernelBuilder builder, bool max) =>
        builder.InputType(0) switch
        {
            DType.Float => new ArgKernel<float>(max),
            DType.Double => new ArgKernel<double>(max),
            DType.Half or DType.BFloat16 => new ArgKernel<float>(max),
            DType.Int8 => new ArgKernel<sbyte>(max),
            DType.Int16 => new ArgKernel<short>(max),
            DType.Int32 => new ArgKernel<int>(max),
            DType.Int64 => new ArgKernel<long>(max),
            DType.UInt8 or DType.Bool => new ArgKernel<byte>(max),
            DType.UInt16 => new ArgKernel<ushort>(max),
            DType.UInt32 => new ArgKernel<uint>(max),
            DType.UInt64 => new ArgKernel<ulong>(max),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };
}
