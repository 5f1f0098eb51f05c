using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SharpServing.Kernels;

/// <summary>
/// The larger of x and y; NaN wins, of equals x. The processor's instruction (which flushes denormals where kernels do) and a select: what
/// Vector.Max does with NaN depends on the JIT.
/// </summary>
public readonly struct MaximumOperator<T> : IBinaryOperator<T>
    where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Invoke(T x, T y) =>
        typeof(T) == typeof(float) || typeof(T) == typeof(double)
            ? Invoke(Vector128.CreateScalar(x), Vector128.CreateScalar(y)).ToScalar()
            : T.Max(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Invoke(Vector128<T> x, Vector128<T> y) =>
        typeof(T) == typeof(float) || typeof(T) == typeof(double)
            ? Vector128.ConditionalSelect(Vector128.Equals(y, y), Vector128.MaxNative(y, x), y)
            : Vector128.Max(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Invoke(Vector256<T> x, Vector256<T> y) =>
        typeof(T) == typeof(float) || typeof(T) == typeof(double)
            ? Vector256.ConditionalSelect(Vector256.Equals(y, y), Vector256.MaxNative(y, x), y)
            : Vector256.Max(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Invoke(Vector512<T> x, Vector512<T> y) =>
        typeof(T) == typeof(float) || typeof(T) == typeof(double)
            ? Vector512.ConditionalSelect(Vector512.Equals(y, y), Vector512.MaxNative(y, x), y)
            : Vector512.Max(x, y);
}
