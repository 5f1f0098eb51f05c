using SharpServing.Runtime.Graphs;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Passes;

/// <summary>Reads constants that stand for one number a channel (the last dimension).</summary>
internal static class ChannelConstant
{
    /// <summary>A constant float32 scalar, or one whose last dimension is <paramref name="channels"/> and whose others are 1; at most <paramref name="maxRank"/> dimensions.</summary>
    public static float[]? Read(NodeOutput output, long channels, int maxRank)
    {
        if (output.Constant is not { DType: DType.Float } value || value.Rank > maxRank)
        {
            return null;
        }

        if (value.ElementCount == 1)
        {
            float[] repeated = new float[channels];
            Array.Fill(repeated, value.Scalar<float>());
            return repeated;
        }

        return value.ElementCount == channels && value.Shape[-1] == channels ? value.Span<float>().ToArray() : null;
    }

    /// <summary>A constant float32 scalar (of any rank).</summary>
    public static bool TryScalar(NodeOutput output, out float scalar)
    {
        scalar = 0;
        if (output.Constant is { DType: DType.Float, ElementCount: 1 } value)
        {
            scalar = value.Scalar<float>();
            return true;
        }

        return false;
    }
}
