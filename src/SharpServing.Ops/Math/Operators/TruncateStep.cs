using SharpServing.Kernels;

namespace SharpServing.Ops.Math.Operators;

/// <summary>x towards zero.</summary>
internal readonly struct TruncateStep : IUnaryMap<float, float>
{
    public static float Invoke(float x) => MathF.Truncate(x);
}
