using SharpServing.Kernels;

namespace SharpServing.Ops.Math.Operators;

/// <summary>x².</summary>
internal readonly struct SquareStep : IUnaryMap<float, float>
{
    public static float Invoke(float x) => x * x;
}
