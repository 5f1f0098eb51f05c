using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Shapes;

namespace SharpServing.Ops.Linalg;

/// <summary>Shapes of Einsum: a label has one size wherever it stands; the dimensions of an ellipsis broadcast.</summary>
internal static class EinsumShapes
{
    private const string Ellipsis = "...";

    public static void Einsum(ShapeContext context)
    {
        string[] sides = context.Attributes.String("equation").Split("->");
        string[] inputs = sides[0].Split(',');
        if (sides.Length != 2 || inputs.Length != context.InputCount)
        {
            return;
        }

        var sizes = new Dictionary<char, long>();
        PartialShape broadcast = PartialShape.Scalar;
        for (int i = 0; i < inputs.Length; i++)
        {
            broadcast = PartialShape.Broadcast(broadcast, Read(inputs[i], context.InputShape(i), sizes));
        }

        int at = sides[1].IndexOf(Ellipsis, StringComparison.Ordinal);
        context.SetOutput(0, at < 0
            ? SizesOf(sides[1], sizes)
            : SizesOf(sides[1][..at], sizes).Concat(broadcast).Concat(SizesOf(sides[1][(at + Ellipsis.Length)..], sizes)));
    }

    /// <returns>The dimensions of the ellipsis.</returns>
    private static PartialShape Read(string labels, PartialShape shape, Dictionary<char, long> sizes)
    {
        int at = labels.IndexOf(Ellipsis, StringComparison.Ordinal);
        int after = at < 0 ? 0 : labels.Length - at - Ellipsis.Length;
        int before = at < 0 ? labels.Length : at;
        bool fits = shape.HasRank && (at < 0 ? shape.Rank == before : shape.Rank >= before + after);
        for (int i = 0; i < before; i++)
        {
            Note(labels[i], fits ? shape[i] : -1);
        }

        for (int i = 0; i < after; i++)
        {
            Note(labels[at + Ellipsis.Length + i], fits ? shape[shape.Rank - after + i] : -1);
        }

        return at < 0 ? PartialShape.Scalar : fits ? shape.Slice(before, shape.Rank - after) : PartialShape.Unknown;

        void Note(char label, long size) => sizes[label] = System.Math.Max(sizes.GetValueOrDefault(label, -1), size);
    }

    private static PartialShape SizesOf(string labels, Dictionary<char, long> sizes) =>
        new(System.Array.ConvertAll(labels.ToCharArray(), label => sizes.GetValueOrDefault(label, -1)));
}
