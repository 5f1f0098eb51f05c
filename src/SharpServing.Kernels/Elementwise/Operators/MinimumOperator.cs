using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SharpServing.Kernels;

/// <summary>The smaller of x and y; NaN wins, of equals x. Said with selects: what Vector.Min does with NaN depends on the JIT.</summary>
public readonly struct MinimumOperator<T> : IBinaryOperator<T>
    where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Invoke(T x, T y) => x > y || T.IsNaN(y) ? y : x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Invoke(Vector128<T> x, Vector128<T> y) =>
        typeof(T) == typeof(float) || typeof(T) == typeof(double)
            ? Vector128.ConditionalSelect(Vector128.GreaterThan(x, y) | ~Vector128.Equals(y, y), y, x)
            : Vector128.Min(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Invoke(Vector256<T> x, Vector256<T> y) =>
        typeof(T) == typeof(float) || typeof(T) == typeof(double)
            ? Vector256.ConditionalSelect(Vector256.GreaterThan(x, y) | ~Vector256.Equals(y, y), y, x)
            : Vector256.Min(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Invoke(Vector512<T> x, Vector512<T> y) =>
        typeof(T) == typeof(float) || typeof(T) == typeof(double)
            ? Vector512.ConditionalSelect(Vector512.GreaterThan(x, y) | ~Vector512.Equals(y, y), y, x)
            : Vector512.Min(x, y);
}
