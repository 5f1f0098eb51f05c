using System.Numerics;
using SharpServing.Kernels;
using SharpServing.Ops.Strings;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>Comparisons: bool answers, broadcast operands.</summary>
internal static class CompareOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Equal", ArithmeticShapes.Equality, builder => MakeEquality(builder, equal: true));
        registry.Add("NotEqual", ArithmeticShapes.Equality, builder => MakeEquality(builder, equal: false));
        registry.Add("Less", ShapeFunctions.Broadcast, Ordered<Less>);
        registry.Add("LessEqual", ShapeFunctions.Broadcast, Ordered<LessEqual>);
        registry.Add("Greater", ShapeFunctions.Broadcast, Ordered<Greater>);
        registry.Add("GreaterEqual", ShapeFunctions.Broadcast, Ordered<GreaterEqual>);
        registry.Add("ApproximateEqual", ArithmeticShapes.SameShapes, MakeApproximate);
    }

    private static OpKernel MakeEquality(KernelBuilder builder, bool equal)
    {
        bool check = builder.Attributes.Bool("incompatible_shape_error");
        return builder.InputType(0) switch
        {
            DType.Float => Make<float>(equal, check),
            DType.Double => Make<double>(equal, check),
            DType.Half => Make<Half>(equal, check),
            DType.BFloat16 => equal
                ? new BinaryMapKernel<BFloat16Compare<EqualMap<float>>, BFloat16, bool>(check) { Incompatible = false }
                : new BinaryMapKernel<BFloat16Compare<NotEqualMap<float>>, BFloat16, bool>(check) { Incompatible = true },
            DType.Int8 or DType.QInt8 => Make<sbyte>(equal, check),
            DType.Int16 or DType.QInt16 => Make<short>(equal, check),
            DType.Int32 or DType.QInt32 => Make<int>(equal, check),
            DType.Int64 => Make<long>(equal, check),
            DType.UInt8 or DType.QUInt8 or DType.Bool => Make<byte>(equal, check),
            DType.UInt16 or DType.QUInt16 => Make<ushort>(equal, check),
            DType.UInt32 => Make<uint>(equal, check),
            DType.UInt64 => Make<ulong>(equal, check),
            DType.Complex64 => equal
                ? new BinaryMapKernel<Complex64Equal, Complex64, bool>(check) { Incompatible = false }
                : new BinaryMapKernel<Complex64NotEqual, Complex64, bool>(check) { Incompatible = true },
            DType.Complex128 => Make<Complex>(equal, check),
            DType.String => new StringEqualKernel(equal, check),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };
    }

    private static OpKernel Make<T>(bool equal, bool check)
        where T : unmanaged, IEqualityOperators<T, T, bool> =>
        equal
            ? new BinaryMapKernel<EqualMap<T>, T, bool>(check) { Incompatible = false }
            : new BinaryMapKernel<NotEqualMap<T>, T, bool>(check) { Incompatible = true };

    private static OpKernel Ordered<TFamily>(KernelBuilder builder)
        where TFamily : struct, IOrderFamily =>
        builder.InputType(0) switch
        {
            DType.Float => TFamily.Make<float>(),
            DType.Double => TFamily.Make<double>(),
            DType.Half => TFamily.Make<Half>(),
            DType.BFloat16 => TFamily.MakeBFloat16(),
            DType.Int8 => TFamily.Make<sbyte>(),
            DType.Int16 => TFamily.Make<short>(),
            DType.Int32 => TFamily.Make<int>(),
            DType.Int64 => TFamily.Make<long>(),
            DType.UInt8 => TFamily.Make<byte>(),
            DType.UInt16 => TFamily.Make<ushort>(),
            DType.UInt32 => TFamily.Make<uint>(),
            DType.UInt64 => TFamily.Make<ulong>(),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };

    private static OpKernel MakeApproximate(KernelBuilder builder)
    {
        float tolerance = builder.Attributes.Float("tolerance");
        return builder.InputType(0) switch
        {
            DType.Float => new ApproximateKernel<float>(tolerance),
            DType.Double => new ApproximateKernel<double>(tolerance),
            DType.Half => new ApproximateKernel<Half>(tolerance),
            DType.Int32 => new ApproximateKernel<int>(tolerance),
            DType.Int64 => new ApproximateKernel<long>(tolerance),
            DType.Int16 => new ApproximateKernel<short>(tolerance),
            DType.Int8 => new ApproximateKernel<sbyte>(tolerance),
            DType.UInt8 => new ApproximateKernel<byte>(tolerance),
            DType.UInt16 => new ApproximateKernel<ushort>(tolerance),
            _ => builder.UnsupportedType(builder.InputType(0)),
        };
    }

    private interface IOrderFamily
    {
        static abstract OpKernel Make<T>()
            where T : unmanaged, IComparisonOperators<T, T, bool>;

        static abstract OpKernel MakeBFloat16();
    }

    private readonly struct Less : IOrderFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, IComparisonOperators<T, T, bool> => new BinaryMapKernel<LessMap<T>, T, bool>();

        public static OpKernel MakeBFloat16() => new BinaryMapKernel<BFloat16Compare<LessMap<float>>, BFloat16, bool>();
    }

    private readonly struct LessEqual : IOrderFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, IComparisonOperators<T, T, bool> => new BinaryMapKernel<LessEqualMap<T>, T, bool>();

        public static OpKernel MakeBFloat16() => new BinaryMapKernel<BFloat16Compare<LessEqualMap<float>>, BFloat16, bool>();
    }

    private readonly struct Greater : IOrderFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, IComparisonOperators<T, T, bool> => new BinaryMapKernel<GreaterMap<T>, T, bool>();

        public static OpKernel MakeBFloat16() => new BinaryMapKernel<BFloat16Compare<GreaterMap<float>>, BFloat16, bool>();
    }

    private readonly struct GreaterEqual : IOrderFamily
    {
        public static OpKernel Make<T>()
            where T : unmanaged, IComparisonOperators<T, T, bool> => new BinaryMapKernel<GreaterEqualMap<T>, T, bool>();

        public static OpKernel MakeBFloat16() => new BinaryMapKernel<BFloat16Compare<GreaterEqualMap<float>>, BFloat16, bool>();
    }

    private readonly struct EqualMap<T> : IBinaryMap<T, bool>
        where T : unmanaged, IEqualityOperators<T, T, bool>
    {
        public static bool Invoke(T x, T y) => x == y;
    }

    private readonly struct NotEqualMap<T> : IBinaryMap<T, bool>
        where T : unmanaged, IEqualityOperators<T, T, bool>
    {
        public static bool Invoke(T x, T y) => x != y;
    }

    private readonly struct LessMap<T> : IBinaryMap<T, bool>
        where T : unmanaged, IComparisonOperators<T, T, bool>
    {
        public static bool Invoke(T x, T y) => x < y;
    }

    private readonly struct LessEqualMap<T> : IBinaryMap<T, bool>
        where T : unmanaged, IComparisonOperators<T, T, bool>
    {
        public static bool Invoke(T x, T y) => x <= y;
    }

    private readonly struct GreaterMap<T> : IBinaryMap<T, bool>
        where T : unmanaged, IComparisonOperators<T, T, bool>
    {
        public static bool Invoke(T x, T y) => x > y;
    }

    private readonly struct GreaterEqualMap<T> : IBinaryMap<T, bool>
        where T : unmanaged, IComparisonOperators<T, T, bool>
    {
        public static bool Invoke(T x, T y) => x >= y;
    }

    private readonly struct BFloat16Compare<TMap> : IBinaryMap<BFloat16, bool>
        where TMap : struct, IBinaryMap<float, bool>
    {
        public static bool Invoke(BFloat16 x, BFloat16 y) => TMap.Invoke((float)x, (float)y);
    }

    private readonly struct Complex64Equal : IBinaryMap<Complex64, bool>
    {
        public static bool Invoke(Complex64 x, Complex64 y) => x.Real == y.Real && x.Imaginary == y.Imaginary;
    }

    private readonly struct Complex64NotEqual : IBinaryMap<Complex64, bool>
    {
        public static bool Invoke(Complex64 x, Complex64 y) => x.Real != y.Real || x.Imaginary != y.Imaginary;
    }

    private sealed class ApproximateKernel<T>(float tolerance) : OpKernel
        where T : unmanaged, INumber<T>
    {
        public override void Compute(Runtime.Execution.OpContext context)
        {
            Tensor x = context.Input(0);
            Tensor y = context.Input(1);
            if (x.Shape != y.Shape)
            {
                throw StatusException.InvalidArgument($"x and y must be of the same shape. x shape: {x.Shape}. y shape: {y.Shape}");
            }

            Span<bool> z = context.Allocate(0, x.Shape).Span<bool>();
            T limit = T.CreateSaturating(tolerance);
            for (int i = 0; i < z.Length; i++)
            {
                z[i] = T.Abs(x.Span<T>()[i] - y.Span<T>()[i]) <= limit;
            }
        }
    }
}
