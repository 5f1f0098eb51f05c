using SharpServing.Kernels;

namespace SharpServing.Ops.Math.Operators;

/// <summary>x / y.</summary>
internal readonly struct DivideStep : IBinaryMap<float, float>
{
    public static float Invoke(float x, float y) => x / y;
}
