using System.Numerics;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>Cast between numeric dtypes. Floats go to integers towards zero; out of range and NaN give the smallest int32 or int64.</summary>
internal static class CastOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Cast", ArithmeticShapes.Cast, MakeCast);
        registry.Add("Real", ShapeFunctions.Unchanged, static builder => Part(builder, static z => z.Real));
        registry.Add("Imag", ShapeFunctions.Unchanged, static builder => Part(builder, static z => z.Imaginary));
        registry.Add("ComplexAbs", ShapeFunctions.Unchanged, static builder => Part(builder, Complex.Abs));
        registry.Add("Angle", ShapeFunctions.Unchanged, static builder => Part(builder, static z => z.Phase));
        registry.Add("Conj", ShapeFunctions.Unchanged, MakeConjugate);
        registry.Add("Complex", ShapeFunctions.Broadcast, MakeComplex);
    }

    private static OpKernel MakeCast(KernelBuilder builder)
    {
        DType from = builder.InputType(0);
        DType to = builder.OutputType(0);
        Func<double, double>? truncate = builder.Attributes.Bool("Truncate") ? TruncationOf(from, to) : null;
        if (from == DType.Float && to == DType.BFloat16 && truncate is not null)
        {
            return new LambdaKernel(static context =>
            {
                ReadOnlySpan<uint> source = System.Runtime.InteropServices.MemoryMarshal.Cast<float, uint>(context.Input(0).Span<float>());
                Span<ushort> target = System.Runtime.InteropServices.MemoryMarshal.Cast<BFloat16, ushort>(
                    context.Allocate(0, context.Input(0).Shape).Span<BFloat16>());
                for (int i = 0; i < target.Length; i++)
                {
                    // A NaN keeps a digit.
                    bool isNan = (source[i] & 0x7FFFFFFF) > 0x7F800000;
                    target[i] = (ushort)((source[i] >> 16) | (isNan ? 0x40u : 0));
                }
            });
        }

        if (truncate is not null)
        {
            Action<Tensor, Tensor> rounded = from == DType.Float
                ? Through<float>(x => truncate(x), to)
                : Through<double>(truncate, to);
            return new LambdaKernel(context => rounded(context.Input(0), context.Allocate(0, context.Input(0).Shape)));
        }

        if (from == to)
        {
            return new LambdaKernel(static context => context.Forward(0, 0));
        }

        Action<Tensor, Tensor> convert = from switch
        {
            DType.Float => FromFloat(to),
            DType.Double => FromDouble(to),
            DType.Half => Through<Half>(static x => (double)x, to),
            DType.BFloat16 => FromBFloat16(to),
            DType.Int8 => FromInteger<sbyte>(to),
            DType.Int16 => FromInteger<short>(to),
            DType.Int32 => FromInteger<int>(to),
            DType.Int64 => FromInteger<long>(to),
            DType.UInt8 => FromInteger<byte>(to),
            DType.UInt16 => FromInteger<ushort>(to),
            DType.UInt32 => FromInteger<uint>(to),
            DType.UInt64 => FromInteger<ulong>(to),
            DType.Bool => FromInteger<byte>(to),
            DType.Complex64 => FromComplex<Complex64>(static z => (Complex)z, to),
            DType.Complex128 => FromComplex<Complex>(static z => z, to),
            _ => throw new UnsupportedOpException($"cast of {from.ToName()} to {to.ToName()}"),
        };
        return new LambdaKernel(context => convert(context.Input(0), context.Allocate(0, context.Input(0).Shape)));
    }

    private static Action<Tensor, Tensor> Map<TIn, TOut>(Func<TIn, TOut> convert)
        where TIn : unmanaged
        where TOut : unmanaged =>
        (source, target) =>
        {
            ReadOnlySpan<TIn> input = source.Span<TIn>();
            Span<TOut> output = target.Span<TOut>();
            for (int i = 0; i < output.Length; i++)
            {
                output[i] = convert(input[i]);
            }
        };

    private static Action<Tensor, Tensor> FromFloat(DType to) =>
        to switch
        {
            DType.Double => static (source, target) =>
                System.Numerics.Tensors.TensorPrimitives.ConvertChecked<float, double>(source.Span<float>(), target.Span<double>()),
            DType.Half => static (source, target) =>
                System.Numerics.Tensors.TensorPrimitives.ConvertToHalf(source.Span<float>(), target.Span<Half>()),
            DType.BFloat16 => Map<float, BFloat16>(static x => (BFloat16)x),
            DType.Complex64 => Map<float, Complex64>(static x => new Complex64(x, 0)),
            DType.Int32 => Map<float, int>(static x => ToInt32(x)),
            DType.Int64 => Map<float, long>(static x => ToInt64(x)),
            _ => Through<float>(static x => x, to),
        };

    /// <summary>To the wider float types bit by bit: denormals stay, though kernels run with denormals flushed.</summary>
    private static Action<Tensor, Tensor> FromBFloat16(DType to) =>
        to switch
        {
            DType.Float => Map<BFloat16, float>(static x => (float)x),
            DType.Complex64 => Map<BFloat16, Complex64>(static x => new Complex64((float)x, 0)),
            _ => Through<BFloat16>(static x => (float)x, to),
        };

    /// <summary>Casts with Truncate between floats clear the digits that the target lacks; null: the attribute does not matter.</summary>
    private static Func<double, double>? TruncationOf(DType from, DType to)
    {
        int digits = to switch { DType.Half => 10, DType.BFloat16 => 7, DType.Float => 23, _ => 0 };
        if (digits == 0 || from is not (DType.Float or DType.Double) || from == to)
        {
            return null;
        }

        long mask = -1L << (52 - digits);
        return x => double.IsNaN(x) ? x : BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(x) & mask);
    }

    private static Action<Tensor, Tensor> FromDouble(DType to) =>
        to == DType.Float ? Map<double, float>(static x => (float)x) : Through<double>(static x => x, to);

    /// <summary>Through double, which holds every value of the narrower float types.</summary>
    private static Action<Tensor, Tensor> Through<TIn>(Func<TIn, double> widen, DType to)
        where TIn : unmanaged =>
        to switch
        {
            DType.Float => Map<TIn, float>(x => (float)widen(x)),
            DType.Double => Map<TIn, double>(widen),
            DType.Half => Map<TIn, Half>(x => (Half)widen(x)),
            DType.BFloat16 => Map<TIn, BFloat16>(x => (BFloat16)(float)widen(x)),
            DType.Int8 => Map<TIn, sbyte>(x => unchecked((sbyte)ToInt32(widen(x)))),
            DType.Int16 => Map<TIn, short>(x => unchecked((short)ToInt32(widen(x)))),
            DType.Int32 => Map<TIn, int>(x => ToInt32(widen(x))),
            DType.Int64 => Map<TIn, long>(x => ToInt64(widen(x))),
            DType.UInt8 => Map<TIn, byte>(x => unchecked((byte)ToInt32(widen(x)))),
            DType.UInt16 => Map<TIn, ushort>(x => unchecked((ushort)ToInt32(widen(x)))),
            DType.UInt32 => Map<TIn, uint>(x => unchecked((uint)ToInt64(widen(x)))),
            DType.UInt64 => Map<TIn, ulong>(x => ToUInt64(widen(x))),
            DType.Bool => Map<TIn, bool>(x => widen(x) is var v && (System.Math.Abs(v) >= 1.17549435082229E-38 || double.IsNaN(v))),
            DType.Complex64 => Map<TIn, Complex64>(x => new Complex64((float)widen(x), 0)),
            DType.Complex128 => Map<TIn, Complex>(x => new Complex(widen(x), 0)),
            _ => throw new UnsupportedOpException($"cast to {to.ToName()}"),
        };

    private static Action<Tensor, Tensor> FromInteger<TIn>(DType to)
        where TIn : unmanaged, IBinaryInteger<TIn> =>
        to switch
        {
            DType.Float => Map<TIn, float>(static x => float.CreateTruncating(x)),
            DType.Double => Map<TIn, double>(static x => double.CreateTruncating(x)),
            DType.Half => Map<TIn, Half>(static x => (Half)float.CreateTruncating(x)),
            DType.BFloat16 => Map<TIn, BFloat16>(static x => (BFloat16)float.CreateTruncating(x)),
            DType.Int8 => Map<TIn, sbyte>(static x => sbyte.CreateTruncating(x)),
            DType.Int16 => Map<TIn, short>(static x => short.CreateTruncating(x)),
            DType.Int32 => Map<TIn, int>(static x => int.CreateTruncating(x)),
            DType.Int64 => Map<TIn, long>(static x => long.CreateTruncating(x)),
            DType.UInt8 => Map<TIn, byte>(static x => byte.CreateTruncating(x)),
            DType.UInt16 => Map<TIn, ushort>(static x => ushort.CreateTruncating(x)),
            DType.UInt32 => Map<TIn, uint>(static x => uint.CreateTruncating(x)),
            DType.UInt64 => Map<TIn, ulong>(static x => ulong.CreateTruncating(x)),
            DType.Bool => Map<TIn, bool>(static x => !TIn.IsZero(x)),
            DType.Complex64 => Map<TIn, Complex64>(static x => new Complex64(float.CreateTruncating(x), 0)),
            DType.Complex128 => Map<TIn, Complex>(static x => new Complex(double.CreateTruncating(x), 0)),
            _ => throw new UnsupportedOpException($"cast to {to.ToName()}"),
        };

    private static Action<Tensor, Tensor> FromComplex<TIn>(Func<TIn, Complex> widen, DType to)
        where TIn : unmanaged =>
        to switch
        {
            DType.Complex64 => Map<TIn, Complex64>(x => (Complex64)widen(x)),
            DType.Complex128 => Map<TIn, Complex>(widen),
            DType.Bool => Map<TIn, bool>(x => widen(x) != Complex.Zero),
            _ => Through<TIn>(x => widen(x).Real, to),
        };

    private static int ToInt32(double x) => x is >= -2147483648.0 and < 2147483648.0 ? (int)x : int.MinValue;

    private static long ToInt64(double x) => x is >= -9223372036854775808.0 and < 9223372036854775808.0 ? (long)x : long.MinValue;

    /// <summary>Through int64 twice, as compilers do it without an instruction of their own: out of range and NaN give 2^63.</summary>
    private static ulong ToUInt64(double x)
    {
        long direct = ToInt64(x);
        return unchecked((ulong)(direct | (ToInt64(x - 9223372036854775808.0) & (direct >> 63))));
    }

    private static OpKernel Part(KernelBuilder builder, Func<Complex, double> part) =>
        builder.InputType(0) == DType.Complex64
            ? new UnaryFunctionKernel<Complex64, float>(z => (float)part((Complex)z))
            : new UnaryFunctionKernel<Complex, double>(part);

    private static OpKernel MakeConjugate(KernelBuilder builder) =>
        builder.InputType(0) switch
        {
            DType.Complex64 => new UnaryFunctionKernel<Complex64, Complex64>(static z => new Complex64(z.Real, -z.Imaginary)),
            DType.Complex128 => new UnaryFunctionKernel<Complex, Complex>(Complex.Conjugate),
            _ => new LambdaKernel(static context => context.Forward(0, 0)),
        };

    private static OpKernel MakeComplex(KernelBuilder builder) =>
        builder.InputType(0) == DType.Float
            ? new BinaryMapKernel<JoinComplex64, float, Complex64>()
            : new BinaryMapKernel<JoinComplex, double, Complex>();

    private readonly struct JoinComplex64 : Kernels.IBinaryMap<float, Complex64>
    {
        public static Complex64 Invoke(float x, float y) => new(x, y);
    }

    private readonly struct JoinComplex : Kernels.IBinaryMap<double, Complex>
    {
        public static Complex Invoke(double x, double y) => new(x, y);
    }
}
