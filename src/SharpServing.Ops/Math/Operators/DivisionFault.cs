using System.Numerics;
using SharpServing.Kernels;

namespace SharpServing.Ops.Math.Operators;

/// <summary>Faults of integer division that TensorFlow's kernels report.</summary>
internal static class DivisionFault
{
    /// <summary>TruncateDiv and TruncateMod are not among those whose fault the original expects.</summary>
    public static T Unexpected<T>() => throw new StatusException(
        StatusCode.Internal, "Unexpected error in binary operator (only integer div and mod should have errors)");

    public static T ByZero<T>() => throw StatusException.InvalidArgument("Integer division by zero");
}

/// <summary>⌊x / y⌋; integers refuse y = 0, the smallest integer / -1 wraps.</summary>
internal readonly struct FloorDivideOperator<T> : IBinaryOperator<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y)
    {
        if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
        {
            T quotient = x / y;
            return typeof(T) == typeof(float)
                ? T.CreateTruncating(MathF.Floor(float.CreateTruncating(quotient)))
                : T.CreateTruncating(System.Math.Floor(double.CreateTruncating(quotient)));
        }

        if (T.IsZero(y))
        {
            return DivisionFault.ByZero<T>();
        }

        if (T.IsNegative(T.MinValue) && y == -T.One)
        {
            return unchecked(-x);
        }

        T q = x / y;
        return T.IsNegative(x) != T.IsNegative(y) && q * y != x ? q - T.One : q;
    }
}

/// <summary>x / y towards zero for integers.</summary>
internal readonly struct TruncateDivideOperator<T> : IBinaryOperator<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y)
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
        {
            if (T.IsZero(y))
            {
                return DivisionFault.ByZero<T>();
            }

            if (T.IsNegative(T.MinValue) && y == -T.One)
            {
                return unchecked(-x);
            }
        }

        return x / y;
    }
}

/// <summary>TruncateDiv: x / y towards zero, floats too.</summary>
internal readonly struct TruncatedQuotientOperator<T> : IBinaryOperator<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y)
    {
        if (typeof(T) == typeof(float))
        {
            return T.CreateTruncating(MathF.Truncate(float.CreateTruncating(x / y)));
        }

        if (typeof(T) == typeof(double))
        {
            return T.CreateTruncating(System.Math.Truncate(double.CreateTruncating(x / y)));
        }

        return T.IsZero(y) ? DivisionFault.Unexpected<T>() : TruncateDivideOperator<T>.Invoke(x, y);
    }
}

/// <summary>TruncateMod: the remainder with the sign of x.</summary>
internal readonly struct TruncatedRemainderOperator<T> : IBinaryOperator<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) =>
        typeof(T) != typeof(float) && typeof(T) != typeof(double) && T.IsZero(y)
            ? DivisionFault.Unexpected<T>()
            : TruncateModuloOperator<T>.Invoke(x, y);
}

/// <summary>The remainder with the sign of y; for floats fmod and a correction.</summary>
internal readonly struct FloorModuloOperator<T> : IBinaryOperator<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y)
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
        {
            if (T.IsZero(y))
            {
                return DivisionFault.ByZero<T>();
            }

            if (T.IsNegative(T.MinValue) && y == -T.One)
            {
                return T.Zero;
            }
        }

        T remainder = x % y;
        return !T.IsZero(remainder) && T.IsNegative(remainder) != T.IsNegative(y) ? remainder + y : remainder;
    }
}

/// <summary>The remainder with the sign of x.</summary>
internal readonly struct TruncateModuloOperator<T> : IBinaryOperator<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y)
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
        {
            if (T.IsZero(y))
            {
                return DivisionFault.ByZero<T>();
            }

            if (T.IsNegative(T.MinValue) && y == -T.One)
            {
                return T.Zero;
            }
        }

        return x % y;
    }
}
