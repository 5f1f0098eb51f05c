using SharpServing.Kernels;

namespace SharpServing.Ops.Math.Operators;

/// <summary>⌊x⌋.</summary>
internal readonly struct FloorStep : IUnaryMap<float, float>
{
    public static float Invoke(float x) => MathF.Floor(x);
}
