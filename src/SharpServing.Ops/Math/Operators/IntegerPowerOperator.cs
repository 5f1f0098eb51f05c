using System.Numerics;
using SharpServing.Kernels;

namespace SharpServing.Ops.Math.Operators;

/// <summary>x to the power y of integers; wraps; a negative y is refused.</summary>
internal readonly struct IntegerPowerOperator<T> : IBinaryOperator<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y)
    {
        if (T.IsNegative(y))
        {
            throw StatusException.InvalidArgument("Integers to negative integer powers are not allowed");
        }

        T result = T.One;
        while (!T.IsZero(y))
        {
            if (T.IsOddInteger(y))
            {
                result = unchecked(result * x);
            }

            x = unchecked(x * x);
            y >>= 1;
        }

        return result;
    }
}

/// <summary>x and y, bit by bit.</summary>
internal readonly struct BitwiseAndOperator<T> : IBinaryOperator<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) => x & y;
}

/// <summary>x or y, bit by bit.</summary>
internal readonly struct BitwiseOrOperator<T> : IBinaryOperator<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) => x | y;
}

/// <summary>x or y but not both, bit by bit.</summary>
internal readonly struct BitwiseXorOperator<T> : IBinaryOperator<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) => x ^ y;
}

/// <summary>x · 2^y; the amount is clamped to [0, bits - 1].</summary>
internal readonly struct LeftShiftOperator<T> : IBinaryOperator<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) => x << ShiftAmount.Of(y);
}

/// <summary>x / 2^y, arithmetic for signed types; the amount is clamped to [0, bits - 1].</summary>
internal readonly struct RightShiftOperator<T> : IBinaryOperator<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) => x >> ShiftAmount.Of(y);
}

/// <summary>The clamp of shift amounts.</summary>
internal static class ShiftAmount
{
    public static unsafe int Of<T>(T y)
        where T : unmanaged, IBinaryInteger<T>
    {
        int bits = sizeof(T) * 8;
        return T.IsNegative(y) ? 0 : y > T.CreateTruncating(bits - 1) ? bits - 1 : int.CreateTruncating(y);
    }
}
