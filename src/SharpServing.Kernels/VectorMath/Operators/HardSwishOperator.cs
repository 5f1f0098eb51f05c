using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SharpServing.Kernels;

/// <summary>x * min(max(x + 3, 0), 6) / 6. float32.</summary>
public readonly struct HardSwishOperator : IUnaryOperator<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Invoke(float x) => x * Relu6Operator.Invoke(x + 3f) * (1f / 6f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Invoke(Vector128<float> x) => x * Relu6Operator.Invoke(x + Vector128.Create(3f)) * (1f / 6f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Invoke(Vector256<float> x) => x * Relu6Operator.Invoke(x + Vector256.Create(3f)) * (1f / 6f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Invoke(Vector512<float> x) => x * Relu6Operator.Invoke(x + Vector512.Create(3f)) * (1f / 6f);
}
