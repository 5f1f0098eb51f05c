using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SharpServing.Kernels;

/// <summary>min(max(x, 0), 6); NaN stays. float32.</summary>
public readonly struct Relu6Operator : IUnaryOperator<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Invoke(float x) => x <= 0f ? 0f : x > 6f ? 6f : x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Invoke(Vector128<float> x)
    {
        Vector128<float> six = Vector128.Create(6f);
        return Vector128.ConditionalSelect(Vector128.GreaterThan(x, six), six, ReluOperator<float>.Invoke(x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Invoke(Vector256<float> x)
    {
        Vector256<float> six = Vector256.Create(6f);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(x, six), six, ReluOperator<float>.Invoke(x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Invoke(Vector512<float> x)
    {
        Vector512<float> six = Vector512.Create(6f);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, six), six, ReluOperator<float>.Invoke(x));
    }
}
