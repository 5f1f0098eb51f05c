using System.Numerics;
using SharpServing.Kernels;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;
using M = System.Math;

namespace SharpServing.Ops.Math;

/// <summary>Functions of one element. A row names the float32 operator, the double function and, where TensorFlow has one, the complex one.</summary>
internal static class UnaryOps
{
    public static void Register(OpRegistry registry)
    {
        Add<ExpOperator>(registry, "Exp", M.Exp, ComplexMath.Exp);
        Add<Expm1Operator>(registry, "Expm1", ComplexMath.Expm1, ComplexMath.Expm1);
        Add<LogOperator>(registry, "Log", M.Log, Complex.Log);
        Add<Log1pOperator>(registry, "Log1p", ComplexMath.Log1p, ComplexMath.Log1p);
        Add<TanhOperator>(registry, "Tanh", M.Tanh, ComplexMath.Tanh);
        Add<SigmoidOperator>(registry, "Sigmoid", static x => 1 / (1 + M.Exp(-x)), static z => Complex.One / (Complex.One + ComplexMath.Exp(-z)));
        Add<ErfOperator>(registry, "Erf", ErrorFunction);
        Add<SinOperator>(registry, "Sin", M.Sin, ComplexMath.Sin);
        Add<CosOperator>(registry, "Cos", M.Cos, ComplexMath.Cos);
        Add<RsqrtOperator>(registry, "Rsqrt", static x => 1 / M.Sqrt(x), static z => ComplexMath.Reciprocal(ComplexMath.Sqrt(z)));
        Add<SqrtOperator<float>>(registry, "Sqrt", M.Sqrt, ComplexMath.Sqrt);
        AddFunction(registry, "Tan", M.Tan, ComplexMath.Tan);
        AddFunction(registry, "Asin", M.Asin, ComplexMath.Asin);
        AddFunction(registry, "Acos", M.Acos, ComplexMath.Acos);
        AddFunction(registry, "Atan", M.Atan, ComplexMath.Atan);
        AddFunction(registry, "Sinh", M.Sinh, ComplexMath.Sinh);
        AddFunction(registry, "Cosh", M.Cosh, ComplexMath.Cosh);
        AddFunction(registry, "Asinh", M.Asinh);
        AddFunction(registry, "Acosh", M.Acosh);
        AddFunction(registry, "Atanh", M.Atanh);
        AddFunction(registry, "Erfc", static x => MathNet.Numerics.SpecialFunctions.Erfc(x));
        registry.Add("Neg", ShapeFunctions.Unchanged, Signed<Negate>);
        registry.Add("Square", ShapeFunctions.Unchanged, Signed<Square>);
        registry.Add("Abs", ShapeFunctions.Unchanged, MakeAbs);
        registry.Add("Sign", ShapeFunctions.Unchanged, MakeSign);
        registry.Add("Floor", ShapeFunctions.Unchanged, builder => Rounding(builder, MathF.Floor, M.Floor));
        registry.Add("Ceil", ShapeFunctions.Unchanged, builder => Rounding(builder, MathF.Ceiling, M.Ceiling));
        registry.Add("Round", ShapeFunctions.Unchanged, MissingKernel.Except(
            builder => Rounding(builder, static x => MathF.Round(x, MidpointRounding.ToEven), static x => M.Round(x, MidpointRounding.ToEven)),
            DType.Int8,
            DType.Int16));
        registry.Add("Rint", ShapeFunctions.Unchanged, MissingKernel.Except(
            builder => Rounding(builder, static x => MathF.Round(x, MidpointRounding.ToEven), static x => M.Round(x, MidpointRounding.ToEven)),
            DType.Half,
            DType.BFloat16));
        registry.Add("Reciprocal", ShapeFunctions.Unchanged, MakeReciprocal);
        registry.Add("Inv", ShapeFunctions.Unchanged, MakeReciprocal);
        registry.Add("IsNan", ShapeFunctions.Unchanged, builder => Test(builder, double.IsNaN));
        registry.Add("IsInf", ShapeFunctions.Unchanged, builder => Test(builder, double.IsInfinity));
        registry.Add("IsFinite", ShapeFunctions.Unchanged, builder => Test(builder, double.IsFinite));
        registry.Add("Invert", ShapeFunctions.Unchanged, MakeInvert);
        registry.Add("CheckNumerics", ShapeFunctions.Unchanged, builder => MakeCheckNumerics(builder, splitInfinities: false));
        registry.Add("CheckNumericsV2", ShapeFunctions.Unchanged, builder => MakeCheckNumerics(builder, splitInfinities: true));
    }

    private static void Add<TOp>(OpRegistry registry, string op, Func<double, double> wide, Func<Complex, Complex>? complex = null)
        where TOp : struct, IUnaryOperator<float> =>
        registry.Add(op, ShapeFunctions.Unchanged, builder => builder.InputType(0) switch
        {
            DType.Float => new UnaryKernel<TOp, float>(),
            DType.Half or DType.BFloat16 => new NarrowUnaryKernel<TOp>(),
            _ => Wide(builder, wide, complex),
        });

    private static void AddFunction(OpRegistry registry, string op, Func<double, double> wide, Func<Complex, Complex>? complex = null) =>
        registry.Add(op, ShapeFunctions.Unchanged, builder => builder.InputType(0) switch
        {
            DType.Float => new UnaryFunctionKernel<float, float>(x => (float)wide(x)),
            DType.Half or DType.BFloat16 => new NarrowFunctionKernel(x => (float)wide(x)),
            _ => Wide(builder, wide, complex),
        });

    private static OpKernel Wide(KernelBuilder builder, Func<double, double> wide, Func<Complex, Complex>? complex) =>
        builder.InputType(0) switch
        {
            DType.Double => new UnaryFunctionKernel<double, double>(wide),
            DType.Complex64 when complex is not null => new Complex64FunctionKernel(complex),
            DType.Complex128 when complex is not null => new UnaryFunctionKernel<Complex, Complex>(complex),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static OpKernel Rounding(KernelBuilder builder, Func<float, float> single, Func<double, double> wide) =>
        builder.InputType(0) switch
        {
            DType.Float => new UnaryFunctionKernel<float, float>(single),
            DType.Half or DType.BFloat16 => new NarrowFunctionKernel(single),
            DType.Double => new UnaryFunctionKernel<double, double>(wide),
            DType.Int32 or DType.Int64 or DType.Int8 or DType.Int16 => new LambdaKernel(static context => context.Forward(0, 0)),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static OpKernel Test(KernelBuilder builder, Func<double, bool> test) =>
        builder.InputType(0) switch
        {
            DType.Float => new UnaryFunctionKernel<float, bool>(x => test(x)),
            DType.Double => new UnaryFunctionKernel<double, bool>(test),
            DType.Half => new UnaryFunctionKernel<Half, bool>(x => test((double)x)),
            DType.BFloat16 => new UnaryFunctionKernel<BFloat16, bool>(x => test((float)x)),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    /// <summary>NaN where x² is infinite, as the original's formula has it.</summary>
    private static double ErrorFunction(double x) => double.IsFinite(x * x) ? MathNet.Numerics.SpecialFunctions.Erf(x) : double.NaN;

    private static OpKernel Signed<TFamily>(KernelBuilder builder)
        where TFamily : struct, IFamily =>
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
            DType.Complex64 => TFamily.MakeComplex64(),
            DType.Complex128 => TFamily.MakeComplex128(),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static OpKernel MakeAbs(KernelBuilder builder) =>
        builder.InputType(0) switch
        {
            DType.Float => new UnaryFunctionKernel<float, float>(MathF.Abs),
            DType.Double => new UnaryFunctionKernel<double, double>(M.Abs),
            DType.Int8 => new UnaryFunctionKernel<sbyte, sbyte>(static x => unchecked((sbyte)(x < 0 ? -x : x))),
            DType.Int16 => new UnaryFunctionKernel<short, short>(static x => unchecked((short)(x < 0 ? -x : x))),
            DType.Int32 => new UnaryFunctionKernel<int, int>(static x => unchecked(x < 0 ? -x : x)),
            DType.Int64 => new UnaryFunctionKernel<long, long>(static x => unchecked(x < 0 ? -x : x)),
            DType.Half or DType.BFloat16 => new NarrowFunctionKernel(MathF.Abs),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static OpKernel MakeSign(KernelBuilder builder) =>
        builder.InputType(0) switch
        {
            DType.Float => new UnaryFunctionKernel<float, float>(static x => x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x),
            DType.Double => new UnaryFunctionKernel<double, double>(static x => x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x),
            DType.Int8 => new UnaryFunctionKernel<sbyte, sbyte>(static x => (sbyte)M.Sign(x)),
            DType.Int16 => new UnaryFunctionKernel<short, short>(static x => (short)M.Sign(x)),
            DType.Int32 => new UnaryFunctionKernel<int, int>(static x => M.Sign(x)),
            DType.Int64 => new UnaryFunctionKernel<long, long>(static x => M.Sign(x)),
            DType.Half or DType.BFloat16 => new NarrowFunctionKernel(static x => x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x),
            DType.Complex64 => new Complex64FunctionKernel(ComplexSign),
            DType.Complex128 => new UnaryFunctionKernel<Complex, Complex>(ComplexSign),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static Complex ComplexSign(Complex z)
    {
        double scale = 1 / Complex.Abs(z);
        return z == Complex.Zero ? Complex.Zero : new Complex(z.Real * scale, z.Imaginary * scale);
    }

    private static OpKernel MakeReciprocal(KernelBuilder builder) =>
        builder.InputType(0) switch
        {
            DType.Float => new UnaryFunctionKernel<float, float>(static x => 1 / x),
            DType.Double => new UnaryFunctionKernel<double, double>(static x => 1 / x),
            DType.Half or DType.BFloat16 => new NarrowFunctionKernel(static x => 1 / x),
            DType.Complex64 => new Complex64FunctionKernel(Complex.Reciprocal),
            DType.Complex128 => new UnaryFunctionKernel<Complex, Complex>(Complex.Reciprocal),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static OpKernel MakeInvert(KernelBuilder builder) =>
        builder.InputType(0) switch
        {
            DType.Int8 => new UnaryFunctionKernel<sbyte, sbyte>(static x => (sbyte)~x),
            DType.Int16 => new UnaryFunctionKernel<short, short>(static x => (short)~x),
            DType.Int32 => new UnaryFunctionKernel<int, int>(static x => ~x),
            DType.Int64 => new UnaryFunctionKernel<long, long>(static x => ~x),
            DType.UInt8 => new UnaryFunctionKernel<byte, byte>(static x => unchecked((byte)~x)),
            DType.UInt16 => new UnaryFunctionKernel<ushort, ushort>(static x => unchecked((ushort)~x)),
            DType.UInt32 => new UnaryFunctionKernel<uint, uint>(static x => ~x),
            DType.UInt64 => new UnaryFunctionKernel<ulong, ulong>(static x => ~x),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static OpKernel MakeCheckNumerics(KernelBuilder builder, bool splitInfinities)
    {
        string message = builder.Attributes.String("message");
        Func<Tensor, int, double> read = builder.InputType(0) switch
        {
            DType.Float => static (tensor, i) => tensor.Span<float>()[i],
            DType.Double => static (tensor, i) => tensor.Span<double>()[i],
            DType.Half => static (tensor, i) => (double)tensor.Span<Half>()[i],
            DType.BFloat16 => static (tensor, i) => (float)tensor.Span<BFloat16>()[i],
            _ => throw new UnsupportedOpException($"dtype {builder.InputType(0).ToName()}"),
        };
        return new LambdaKernel(context =>
        {
            Tensor x = context.Input(0);
            bool nan = false;
            bool negative = false;
            bool positive = false;
            for (int i = 0; i < x.ElementCount; i++)
            {
                double value = read(x, i);
                nan |= double.IsNaN(value);
                negative |= double.IsNegativeInfinity(value);
                positive |= double.IsPositiveInfinity(value);
            }

            if (nan || negative || positive)
            {
                var found = new List<string>();
                if (splitInfinities)
                {
                    AddIf(found, negative, "-Inf");
                    AddIf(found, positive, "+Inf");
                }
                else
                {
                    AddIf(found, negative || positive, "Inf");
                }

                AddIf(found, nan, "NaN");
                string list = found.Count == 3 ? $"{found[0]}, {found[1]}, and {found[2]}" : string.Join(" and ", found);
                throw StatusException.InvalidArgument($"{message} : Tensor had {list} values");
            }

            context.Forward(0, 0);
        });
    }

    private static void AddIf(List<string> list, bool condition, string text)
    {
        if (condition)
        {
            list.Add(text);
        }
    }

    private interface IFamily
    {
        static abstract OpKernel Make<T>()
            where T : unmanaged, INumber<T>;

        static abstract OpKernel MakeNarrow();

        static abstract OpKernel MakeComplex64();

        static abstract OpKernel MakeComplex128();
    }

    private readonly struct Negate : IFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T> => new UnaryKernel<NegateOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowUnaryKernel<NegateOperator<float>>();

        public static OpKernel MakeComplex64() => new Complex64FunctionKernel(Complex.Negate);

        public static OpKernel MakeComplex128() => new UnaryFunctionKernel<Complex, Complex>(Complex.Negate);
    }

    private readonly struct Square : IFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, INumber<T> => new UnaryKernel<SquareOperator<T>, T>();

        public static OpKernel MakeNarrow() => new NarrowUnaryKernel<SquareOperator<float>>();

        public static OpKernel MakeComplex64() => new Complex64FunctionKernel(static z => z * z);

        public static OpKernel MakeComplex128() => new UnaryFunctionKernel<Complex, Complex>(static z => z * z);
    }
}
