using System.Globalization;
using System.Text;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.SavedModel;

/// <summary>Shapes as a checkpoint stores them.</summary>
internal static class CheckpointShapes
{
    /// <returns>False for an unknown rank or size, and for more than 2^63-1 elements.</returns>
    public static bool TryCreate(TensorShapeProto? proto, out Shape shape)
    {
        shape = default;
        if (proto is null)
        {
            shape = Shape.Scalar;
            return true;
        }

        if (proto.UnknownRank || proto.Dim.Count > Shape.MaxRank)
        {
            return false;
        }

        var sizes = new long[proto.Dim.Count];
        for (int d = 0; d < sizes.Length; d++)
        {
            sizes[d] = proto.Dim[d].Size;
        }

        return Shape.TryCreate(sizes, out shape);
    }

    /// <summary>Protobuf's one-line text: <c>dim { size: -1 }</c>.</summary>
    public static string Describe(TensorShapeProto? proto)
    {
        var text = new StringBuilder();
        foreach (TensorShapeProto.Types.Dim dim in proto?.Dim ?? [])
        {
            text.Append(text.Length == 0 ? "" : " ");
            text.Append(CultureInfo.InvariantCulture, $"dim {{ size: {dim.Size} }}");
        }

        return proto is { UnknownRank: true } ? text.Append(text.Length == 0 ? "unknown_rank: true" : " unknown_rank: true").ToString() : text.ToString();
    }
}
