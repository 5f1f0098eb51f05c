using System.Numerics;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Math;

/// <summary>Range and LinSpace.</summary>
internal static class RangeOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Range", ArithmeticShapes.Range, static builder => builder.InputType(0) switch
        {
            DType.Int32 => new RangeKernel<int>(),
            DType.Int64 => new RangeKernel<long>(),
            DType.Int16 => new RangeKernel<short>(),
            DType.Int8 => new RangeKernel<sbyte>(),
            DType.UInt16 => new RangeKernel<ushort>(),
            DType.UInt32 => new RangeKernel<uint>(),
            DType.Float => new RangeKernel<float>(),
            DType.Double => new RangeKernel<double>(),
            _ => builder.UnsupportedType(builder.InputType(0)),
        });
        registry.Add("LinSpace", ArithmeticShapes.LinSpace, static builder => builder.InputType(0) switch
        {
            DType.Float => new LinSpaceKernel<float>(),
            DType.Double => new LinSpaceKernel<double>(),
            _ => builder.UnsupportedType(builder.InputType(0)),
        });
    }

    private static void CheckScalar(Tensor tensor, string name)
    {
        if (tensor.Rank != 0 && !(tensor.Rank == 1 && tensor.ElementCount == 1))
        {
            throw StatusException.InvalidArgument($"{name} must be a scalar, not shape {tensor.Shape}");
        }
    }

    private sealed class RangeKernel<T> : OpKernel
        where T : unmanaged, INumber<T>
    {
        public override void Compute(OpContext context)
        {
            CheckScalar(context.Input(0), "start");
            CheckScalar(context.Input(1), "limit");
            CheckScalar(context.Input(2), "delta");
            T start = context.Input(0).Scalar<T>();
            T limit = context.Input(1).Scalar<T>();
            T delta = context.Input(2).Scalar<T>();
            if (T.IsZero(delta))
            {
                throw StatusException.InvalidArgument("Requires delta != 0: 0");
            }

            if (delta > T.Zero && start > limit)
            {
                throw StatusException.InvalidArgument($"Requires start <= limit when delta > 0: {start}/{limit}");
            }

            if (!(delta > T.Zero) && start < limit)
            {
                throw StatusException.InvalidArgument($"Requires start >= limit when delta < 0: {start}/{limit}");
            }

            double size;
            if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
            {
                size = System.Math.Ceiling(System.Math.Abs((double.CreateTruncating(limit) - double.CreateTruncating(start)) / double.CreateTruncating(delta)));
            }
            else
            {
                Int128 distance = Int128.Abs(Int128.CreateTruncating(limit) - Int128.CreateTruncating(start));
                Int128 step = Int128.Abs(Int128.CreateTruncating(delta));
                size = (double)((distance + step - 1) / step);
            }

            if (size > long.MaxValue)
            {
                throw StatusException.InvalidArgument("Requires ((limit - start) / delta) <= 9223372036854775807");
            }

            Span<T> values = context.Allocate(0, new Shape((long)size)).Span<T>();
            T value = start;
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = typeof(T) == typeof(float) || typeof(T) == typeof(double) ? start + (T.CreateTruncating(i) * delta) : value;
                value = unchecked(value + delta);
            }
        }
    }

    private sealed class LinSpaceKernel<T> : OpKernel
        where T : unmanaged, IFloatingPoint<T>
    {
        public override void Compute(OpContext context)
        {
            for (int i = 0; i < 3; i++)
            {
                if (context.Input(i).Rank != 0)
                {
                    throw StatusException.InvalidArgument($"{(i == 0 ? "start" : i == 1 ? "stop" : "num")} must be a scalar, not shape {context.Input(i).Shape}");
                }
            }

            T start = context.Input(0).Scalar<T>();
            T stop = context.Input(1).Scalar<T>();
            long count = Support.IndexInput.Scalar(context.Input(2));
            if (count <= 0)
            {
                throw StatusException.InvalidArgument($"Requires num > 0: {count}");
            }

            Span<T> values = context.Allocate(0, new Shape(count)).Span<T>();
            values[0] = start;
            if (count > 1)
            {
                T step = (stop - start) / T.CreateTruncating(count - 1);
                for (int i = 1; i < values.Length; i++)
                {
                    values[i] = start + (step * T.CreateTruncating(i));
                }

                values[^1] = stop;
            }
        }
    }
}
