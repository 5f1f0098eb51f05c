using System.Numerics;
using SharpServing.Kernels;

namespace SharpServing.Ops.Math.Operators;

/// <summary>x / y; 0 where y = 0, even for NaN / 0.</summary>
internal readonly struct DivideNoNanOperator<T> : IBinaryOperator<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) => T.IsZero(y) ? T.Zero : x / y;
}

/// <summary>x * y; 0 where y = 0 (0 * NaN stays NaN).</summary>
internal readonly struct MultiplyNoNanOperator<T> : IBinaryOperator<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) => T.IsZero(y) ? T.Zero : x * y;
}

/// <summary>x to the power y.</summary>
internal readonly struct PowerOperator<T> : IBinaryOperator<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) => typeof(T) == typeof(float)
        ? T.CreateTruncating((float)System.Math.Pow(double.CreateTruncating(x), double.CreateTruncating(y)))
        : T.Pow(x, y);
}

/// <summary>The angle of the point (y, x).</summary>
internal readonly struct Atan2Operator<T> : IBinaryOperator<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) => T.Atan2(x, y);
}

/// <summary>x log y; 0 where x = 0.</summary>
internal readonly struct XlogyOperator<T> : IBinaryOperator<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) => T.IsZero(x) ? T.Zero : x * T.Log(y);
}

/// <summary>x / y; 0 where x = 0.</summary>
internal readonly struct XdivyOperator<T> : IBinaryOperator<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) => T.IsZero(x) ? T.Zero : x / y;
}

/// <summary>x log(1 + y); 0 where x = 0.</summary>
internal readonly struct Xlog1pyOperator<T> : IBinaryOperator<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static bool IsVectorizable => false;

    public static T Invoke(T x, T y) => T.IsZero(x) ? T.Zero : x * T.CreateTruncating(ComplexMath.Log1p(double.CreateTruncating(y)));
}

/// <summary>x to the power y of complex numbers: e^(y log x) throughout, so that 0^0 is NaN.</summary>
internal readonly struct ComplexPowerOperator : IBinaryOperator<Complex>
{
    public static bool IsVectorizable => false;

    public static Complex Invoke(Complex x, Complex y) => ComplexMath.Exp(y * Complex.Log(x));
}
