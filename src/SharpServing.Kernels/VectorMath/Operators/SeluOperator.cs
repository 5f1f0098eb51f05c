using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SharpServing.Kernels;

/// <summary>1.0507 * (x above 0, else 1.67326 * (e^x - 1)). float32.</summary>
public readonly struct SeluOperator : IUnaryOperator<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Invoke(float x) => 1.0507009873554805f * FloatMath.Elu(new Float32(x), 1.6732632423543772f).Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Invoke(Vector128<float> x) => 1.0507009873554805f * FloatMath.Elu(new Float128(x), 1.6732632423543772f).Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Invoke(Vector256<float> x) => 1.0507009873554805f * FloatMath.Elu(new Float256(x), 1.6732632423543772f).Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Invoke(Vector512<float> x) => 1.0507009873554805f * FloatMath.Elu(new Float512(x), 1.6732632423543772f).Value;
}
