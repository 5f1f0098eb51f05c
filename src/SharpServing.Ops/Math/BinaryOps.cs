using System.Numerics;
using SharpServing.Kernels;
using SharpServing.Ops.Math.Operators;
using SharpServing.Ops.Strings;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>Arithmetic of two broadcast operands of one dtype.</summary>
internal static class BinaryOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Add", ArithmeticShapes.Integers(static (x, y) => x + y), builder => builder.InputType(0) == DType.String ? new StringAddKernel() : Numbers<Add>(builder));
        registry.Add("AddV2", ArithmeticShapes.Integers(static (x, y) => x + y), builder => builder.InputType(0) == DType.String ? new StringAddKernel() : Numbers<Add>(builder));
        registry.Add("Sub", ArithmeticShapes.Integers(static (x, y) => x - y), Numbers<Subtract>);
        registry.Add("Mul", ArithmeticShapes.Integers(static (x, y) => x * y), Numbers<Multiply>);
        registry.Add("Maximum", ArithmeticShapes.Integers(static (x, y) => Int128.Max(x, y)), Real<Maximum>);
        registry.Add("Minimum", ArithmeticShapes.Integers(static (x, y) => Int128.Min(x, y)), Real<Minimum>);
        registry.Add("SquaredDifference", ShapeFunctions.Broadcast, builder => builder.InputType(0).IsComplex() ? builder.UnsupportedType(builder.InputType(0)) : Real<SquaredDifference>(builder));
        registry.Add("RealDiv", ShapeFunctions.Broadcast, MissingKernel.Except(
            Division, DType.UInt8, DType.Int8, DType.UInt16, DType.Int16, DType.Int32, DType.UInt32, DType.UInt64, DType.Int64));
        registry.Add("Div", ShapeFunctions.Broadcast, Division);
        registry.Add("FloorDiv", ArithmeticShapes.Integers(ArithmeticShapes.FloorDivide), Real<FloorDivide>);
        registry.Add("FloorMod", ArithmeticShapes.Integers(ArithmeticShapes.FloorModulo), Real<FloorModulo>);
        registry.Add("Mod", ShapeFunctions.Broadcast, MissingKernel.Except(Real<TruncateModulo>, DType.Half, DType.BFloat16));
        registry.Add("TruncateDiv", ShapeFunctions.Broadcast, MissingKernel.Except(Real<TruncatedQuotient>, DType.Complex64, DType.Complex128));
        registry.Add("TruncateMod", ShapeFunctions.Broadcast, MissingKernel.Except(Real<TruncatedRemainder>, DType.Half, DType.BFloat16));
        registry.Add("DivNoNan", ShapeFunctions.Broadcast, Floating<DivideNoNan>);
        registry.Add("MulNoNan", ShapeFunctions.Broadcast, Floating<MultiplyNoNan>);
        registry.Add("Pow", ShapeFunctions.Broadcast, MakePow);
        registry.Add("Atan2", ShapeFunctions.Broadcast, Floating<Atan2>);
        registry.Add("Xlogy", ShapeFunctions.Broadcast, Floating<Xlogy>);
        registry.Add("Xdivy", ShapeFunctions.Broadcast, Floating<Xdivy>);
        registry.Add("Xlog1py", ShapeFunctions.Broadcast, Floating<Xlog1py>);
        registry.Add("BitwiseAnd", ShapeFunctions.Broadcast, Integers<BitwiseAnd>);
        registry.Add("BitwiseOr", ShapeFunctions.Broadcast, Integers<BitwiseOr>);
        registry.Add("BitwiseXor", ShapeFunctions.Broadcast, Integers<BitwiseXor>);
        registry.Add("LeftShift", ShapeFunctions.Broadcast, Integers<LeftShift>);
        registry.Add("RightShift", ShapeFunctions.Broadcast, Integers<RightShift>);
    }

    /// <summary>Numbers and complex numbers.</summary>
    private static OpKernel Numbers<TFamily>(KernelBuilder builder)
        where TFamily : struct, INumberFamily =>
        builder.InputType(0) switch
        {
            DType.Complex64 => TFamily.MakeComplex64(),
            DType.Complex128 => TFamily.MakeComplex128(),
            _ => Real<TFamily>(builder),
        };

    private static OpKernel Real<TFamily>(KernelBuilder builder)
        where TFamily : struct, IRealFamily =>
        builder.InputType(0) switch
        {
            DType.Float => TFamily.Make<float>(),
            DType.Double => TFamily.Make<double>(),
            DType.Int8 => TFamily.Make<sbyte>(),
            DType.Int16 => TFamily.Make<short>(),
            DType.Int32 => TFamily.Make<int>(),
            DType.Int64 => TFamily.Make<long>(),
            DType.UInt8 => TFamily.Make<byte>(),
            DType.UInt16 => TFamily.Make<ushort>(),
            DType.UInt32 => TFamily.Make<uint>(),
            DType.UInt64 => TFamily.Make<ulong>(),
            DType.Half or DType.BFloat16 => TFamily.MakeNarrow(),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static OpKernel Floating<TFamily>(KernelBuilder builder)
        where TFamily : struct, IFloatFamily =>
        builder.InputType(0) switch
        {
            DType.Float => TFamily.MakeFloat<float>(),
            DType.Double => TFamily.MakeFloat<double>(),
            DType.Half or DType.BFloat16 => TFamily.MakeNarrow(),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static OpKernel Integers<TFamily>(KernelBuilder builder)
        where TFamily : struct, IIntegerFamily =>
        builder.InputType(0) switch
        {
            DType.Int8 => TFamily.MakeInteger<sbyte>(),
            DType.Int16 => TFamily.MakeInteger<short>(),
            DType.Int32 => TFamily.MakeInteger<int>(),
            DType.Int64 => TFamily.MakeInteger<long>(),
            DType.UInt8 => TFamily.MakeInteger<byte>(),
            DType.UInt16 => TFamily.MakeInteger<ushort>(),
            DType.UInt32 => TFamily.MakeInteger<uint>(),
            DType.UInt64 => TFamily.MakeInteger<ulong>(),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static OpKernel Division(KernelBuilder builder) =>
        builder.InputType(0) switch
        {
            DType.Float => new BinaryKernel<DivideOperator<float>, float>(),
            DType.Double => new BinaryKernel<DivideOperator<double>, double>(),
            DType.Half or DType.BFloat16 => new NarrowBinaryKernel<DivideOperator<float>>(),
            DType.Complex64 => new BinaryMapKernel<Complex64Operator<DivideOperator<Complex>>, Complex64, Complex64>(),
            DType.Complex128 => new BinaryKernel<DivideOperator<Complex>, Complex>(),
            _ => Real<TruncateDivide>(builder),
        };

    private static OpKernel MakePow(KernelBuilder builder) =>
        builder.InputType(0) switch
        {
            DType.Float or DType.Double or DType.Half or DType.BFloat16 => Floating<Power>(builder),
            DType.Complex64 => new BinaryMapKernel<Complex64Operator<ComplexPowerOperator>, Complex64, Complex64>(),
            DType.Complex128 => new BinaryKernel<ComplexPowerOperator, Complex>(),
            _ => Integers<IntegerPower>(builder),
        };

    private interface IRealFamily
    {
        static abstract OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>;

        static abstract OpKernel MakeNarrow();
    }

    private interface INumberFamily : IRealFamily
    {
        static abstract OpKernel MakeComplex64();

        static abstract OpKernel MakeComplex128();
    }

    private interface IFloatFamily
    {
        static abstract OpKernel MakeFloat<T>()
            where T : unmanaged, IFloatingPointIeee754<T>;

        static abstract OpKernel MakeNarrow();
    }

    private interface IIntegerFamily
    {
        static abstract OpKernel MakeInteger<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>;
    }

    private readonly struct Add : INumberFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => new BinaryKernel<AddOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<AddOperator<float>>();

        public static OpKernel MakeComplex64() => new BinaryMapKernel<Complex64Operator<AddOperator<Complex>>, Complex64, Complex64>();

        public static OpKernel MakeComplex128() => new BinaryKernel<AddOperator<Complex>, Complex>();
    }

    private readonly struct Subtract : INumberFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => new BinaryKernel<SubtractOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<SubtractOperator<float>>();

        public static OpKernel MakeComplex64() => new BinaryMapKernel<Complex64Operator<SubtractOperator<Complex>>, Complex64, Complex64>();

        public static OpKernel MakeComplex128() => new BinaryKernel<SubtractOperator<Complex>, Complex>();
    }

    private readonly struct Multiply : INumberFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => new BinaryKernel<MultiplyOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<MultiplyOperator<float>>();

        public static OpKernel MakeComplex64() => new BinaryMapKernel<Complex64Operator<MultiplyOperator<Complex>>, Complex64, Complex64>();

        public static OpKernel MakeComplex128() => new BinaryKernel<MultiplyOperator<Complex>, Complex>();
    }

    private readonly struct Maximum : IRealFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => new BinaryKernel<MaximumOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<MaximumOperator<float>>();
    }

    private readonly struct Minimum : IRealFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => new BinaryKernel<MinimumOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<MinimumOperator<float>>();
    }

    private readonly struct SquaredDifference : IRealFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => new BinaryKernel<SquaredDifferenceOperator<T>, T>();

        public static OpKernel MakeNarrow() => new SteppedBinaryKernel<SubtractStep, SquareStep>();
    }

    private readonly struct FloorDivide : IRealFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => new BinaryKernel<FloorDivideOperator<T>, T>();

        public static OpKernel MakeNarrow() => new SteppedBinaryKernel<DivideStep, FloorStep>();
    }

    private readonly struct FloorModulo : IRealFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => new BinaryKernel<FloorModuloOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<FloorModuloOperator<float>>();
    }

    private readonly struct TruncateModulo : IRealFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => new BinaryKernel<TruncateModuloOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<TruncateModuloOperator<float>>();
    }

    private readonly struct TruncateDivide : IRealFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => new BinaryKernel<TruncateDivideOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<DivideOperator<float>>();
    }

    private readonly struct TruncatedQuotient : IRealFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => new BinaryKernel<TruncatedQuotientOperator<T>, T>();

        public static OpKernel MakeNarrow() => new SteppedBinaryKernel<DivideStep, TruncateStep>();
    }

    private readonly struct TruncatedRemainder : IRealFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => new BinaryKernel<TruncatedRemainderOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<TruncatedRemainderOperator<float>>();
    }

    private readonly struct DivideNoNan : IFloatFamily
    {
        public static OpKernel MakeFloat<T>()
            where T : unmanaged, IFloatingPointIeee754<T> => new BinaryKernel<DivideNoNanOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<DivideNoNanOperator<float>>();
    }

    private readonly struct MultiplyNoNan : IFloatFamily
    {
        public static OpKernel MakeFloat<T>()
            where T : unmanaged, IFloatingPointIeee754<T> => new BinaryKernel<MultiplyNoNanOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<MultiplyNoNanOperator<float>>();
    }

    private readonly struct Power : IFloatFamily
    {
        public static OpKernel MakeFloat<T>()
            where T : unmanaged, IFloatingPointIeee754<T> => new BinaryKernel<PowerOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<PowerOperator<float>>();
    }

    private readonly struct Atan2 : IFloatFamily
    {
        public static OpKernel MakeFloat<T>()
            where T : unmanaged, IFloatingPointIeee754<T> => new BinaryKernel<Atan2Operator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<Atan2Operator<float>>();
    }

    private readonly struct Xlogy : IFloatFamily
    {
        public static OpKernel MakeFloat<T>()
            where T : unmanaged, IFloatingPointIeee754<T> => new BinaryKernel<XlogyOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<XlogyOperator<float>>();
    }

    private readonly struct Xdivy : IFloatFamily
    {
        public static OpKernel MakeFloat<T>()
            where T : unmanaged, IFloatingPointIeee754<T> => new BinaryKernel<XdivyOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<XdivyOperator<float>>();
    }

    private readonly struct Xlog1py : IFloatFamily
    {
        public static OpKernel MakeFloat<T>()
            where T : unmanaged, IFloatingPointIeee754<T> => new BinaryKernel<Xlog1pyOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowBinaryKernel<Xlog1pyOperator<float>>();
    }

    private readonly struct IntegerPower : IIntegerFamily
    {
        public static OpKernel MakeInteger<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => new BinaryKernel<IntegerPowerOperator<T>, T>();
    }

    private readonly struct BitwiseAnd : IIntegerFamily
    {
        public static OpKernel MakeInteger<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => new BinaryKernel<BitwiseAndOperator<T>, T>();
    }

    private readonly struct BitwiseOr : IIntegerFamily
    {
        public static OpKernel MakeInteger<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => new BinaryKernel<BitwiseOrOperator<T>, T>();
    }

    private readonly struct BitwiseXor : IIntegerFamily
    {
        public static OpKernel MakeInteger<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => new BinaryKernel<BitwiseXorOperator<T>, T>();
    }

    private readonly struct LeftShift : IIntegerFamily
    {
        public static OpKernel MakeInteger<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => new BinaryKernel<LeftShiftOperator<T>, T>();
    }

    private readonly struct RightShift : IIntegerFamily
    {
        public static OpKernel MakeInteger<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => new BinaryKernel<RightShiftOperator<T>, T>();
    }
}
