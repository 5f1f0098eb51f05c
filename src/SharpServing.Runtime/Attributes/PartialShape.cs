using System.Globalization;
using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Attributes;

/// <summary>A shape of which the rank (<see cref="Dimensions"/> is null) or some sizes (-1) may be unknown.</summary>
public sealed class PartialShape
{
    public static readonly PartialShape Unknown = new(null);

    public PartialShape(long[]? dimensions) => Dimensions = dimensions;

    public long[]? Dimensions { get; }

    public bool HasRank => Dimensions is not null;

    public int Rank => Dimensions?.Length ?? -1;

    public bool IsFullyDefined => Dimensions is not null && Array.TrueForAll(Dimensions, size => size >= 0);

    public static PartialShape FromProto(TensorShapeProto proto)
    {
        if (proto.UnknownRank)
        {
            return Unknown;
        }

        long[] sizes = new long[proto.Dim.Count];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = Math.Max(proto.Dim[i].Size, -1);
        }

        return new PartialShape(sizes);
    }

    /// <summary>The notation of ops.txt: <c>&lt;?&gt;</c>, <c>&lt;2,-1&gt;</c>.</summary>
    public static PartialShape Parse(string text) =>
        text == "<?>"
            ? Unknown
            : new PartialShape([.. OpDefinitionParser.SplitList(text).Select(item => long.Parse(item, CultureInfo.InvariantCulture))]);

    public bool IsCompatibleWith(in Shape shape)
    {
        if (Dimensions is null)
        {
            return true;
        }

        if (Dimensions.Length != shape.Rank)
        {
            return false;
        }

        for (int i = 0; i < Dimensions.Length; i++)
        {
            if (Dimensions[i] >= 0 && Dimensions[i] != shape[i])
            {
                return false;
            }
        }

        return true;
    }

    public bool TryToShape(out Shape shape)
    {
        shape = default;
        return IsFullyDefined && Tensors.Shape.TryCreate(Dimensions, out shape);
    }

    /// <summary>As TensorFlow prints it: <c>[?,3]</c>, <c>&lt;unknown&gt;</c>.</summary>
    public override string ToString() =>
        Dimensions is null ? "<unknown>" : $"[{string.Join(',', Dimensions.Select(size => size < 0 ? "?" : size.ToString(CultureInfo.InvariantCulture)))}]";
}
