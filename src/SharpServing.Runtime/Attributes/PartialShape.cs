using System.Globalization;
using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Attributes;

/// <summary>A shape of which the rank (<see cref="Dimensions"/> is null) or some sizes (-1) may be unknown.</summary>
public sealed class PartialShape : IEquatable<PartialShape>
{
    public static readonly PartialShape Unknown = new(null);
    public static readonly PartialShape Scalar = new([]);

    public PartialShape(long[]? dimensions) => Dimensions = dimensions;

    public long[]? Dimensions { get; }

    public bool HasRank => Dimensions is not null;

    public int Rank => Dimensions?.Length ?? -1;

    public bool IsFullyDefined => Dimensions is not null && Array.TrueForAll(Dimensions, size => size >= 0);

    /// <summary>Size of a dimension, -1 when it or the rank is unknown; a negative index counts from the end.</summary>
    public long this[int index] => Dimensions is null ? -1 : Dimensions[index < 0 ? index + Dimensions.Length : index];

    public static PartialShape From(in Shape shape) => new(shape.ToArray());

    public static PartialShape Vector(long size) => new([size]);

    /// <summary>All sizes unknown.</summary>
    public static PartialShape OfRank(int rank)
    {
        long[] sizes = new long[rank];
        Array.Fill(sizes, -1);
        return new PartialShape(sizes);
    }

    /// <summary>NumPy's broadcasting of two shapes.</summary>
    /// <returns><see cref="Unknown"/> also for shapes that do not go together.</returns>
    public static PartialShape Broadcast(PartialShape a, PartialShape b)
    {
        if (a.Dimensions is null || b.Dimensions is null)
        {
            return Unknown;
        }

        long[] sizes = new long[Math.Max(a.Rank, b.Rank)];
        for (int i = 1; i <= sizes.Length; i++)
        {
            long left = i <= a.Rank ? a[-i] : 1;
            long right = i <= b.Rank ? b[-i] : 1;
            if (left != right && left >= 0 && right >= 0 && left != 1 && right != 1)
            {
                return Unknown;
            }

            // Beside an unknown size only 1 leaves the result open: any other must be met.
            sizes[^i] = left == 1 ? right : right == 1 ? left : Math.Max(left, right);
        }

        return new PartialShape(sizes);
    }

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

    /// <summary>What is known when both hold.</summary>
    /// <returns><see cref="Unknown"/> also for shapes that contradict.</returns>
    public PartialShape Merge(PartialShape other)
    {
        if (Dimensions is null || other.Dimensions is null)
        {
            return Dimensions is null ? other : this;
        }

        if (Rank != other.Rank)
        {
            return Unknown;
        }

        long[] sizes = new long[Rank];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (this[i] >= 0 && other[i] >= 0 && this[i] != other[i])
            {
                return Unknown;
            }

            sizes[i] = Math.Max(this[i], other[i]);
        }

        return new PartialShape(sizes);
    }

    /// <summary>Like <see cref="Merge"/>, but shapes that contradict are an error.</summary>
    /// <exception cref="StatusException">INVALID_ARGUMENT: no shape is both.</exception>
    public PartialShape MergeOrThrow(PartialShape other)
    {
        if (HasRank && other.HasRank && Rank != other.Rank)
        {
            throw StatusException.InvalidArgument($"PartialTensorShape: Incompatible ranks during merge: {Rank} vs. {other.Rank}");
        }

        for (int i = 0; HasRank && other.HasRank && i < Rank; i++)
        {
            if (this[i] >= 0 && other[i] >= 0 && this[i] != other[i])
            {
                throw StatusException.InvalidArgument($"PartialTensorShape: Incompatible shapes during merge: {this} vs. {other}");
            }
        }

        return Merge(other);
    }

    /// <summary>What is known when one of both holds.</summary>
    public PartialShape Common(PartialShape other)
    {
        if (Dimensions is null || Rank != other.Rank)
        {
            return Unknown;
        }

        long[] sizes = new long[Rank];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = this[i] == other[i] ? this[i] : -1;
        }

        return new PartialShape(sizes);
    }

    /// <summary>This shape with a rank it must have; <see cref="OfRank"/> of it when this one has none or another.</summary>
    public PartialShape WithRank(int rank) => Rank == rank ? this : OfRank(rank);

    /// <summary>The dimensions of this, then those of the other.</summary>
    public PartialShape Concat(PartialShape other) =>
        Dimensions is null || other.Dimensions is null ? Unknown : new PartialShape([.. Dimensions, .. other.Dimensions]);

    /// <summary>Dimensions [from, to); <see cref="Unknown"/> when there are not so many.</summary>
    public PartialShape Slice(int from, int to) =>
        Dimensions is null || from < 0 || from > to || to > Rank ? Unknown : new PartialShape(Dimensions[from..to]);

    /// <summary>One size replaced; a negative index counts from the end.</summary>
    public PartialShape With(int index, long size)
    {
        if (Dimensions is null)
        {
            return this;
        }

        long[] sizes = [.. Dimensions];
        sizes[index < 0 ? index + sizes.Length : index] = size;
        return new PartialShape(sizes);
    }

    /// <summary>Product of the sizes; -1 when it is not known (a size 0 makes it known) or has more than 63 bits.</summary>
    public long CountElements()
    {
        if (Dimensions is null)
        {
            return -1;
        }

        return Array.IndexOf(Dimensions, 0) >= 0 ? 0 : Shape.TryCount(Dimensions, out long count) ? count : -1;
    }

    /// <summary>The index of an axis that may count from the end; -1: the rank is unknown or has no such axis.</summary>
    public int Axis(long axis)
    {
        long index = axis < 0 ? axis + Rank : axis;
        return HasRank && index >= 0 && index < Rank ? (int)index : -1;
    }

    public bool Equals(PartialShape? other) =>
        other is not null && HasRank == other.HasRank && Dimensions.AsSpan().SequenceEqual(other.Dimensions);

    public override bool Equals(object? obj) => Equals(obj as PartialShape);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (long size in Dimensions ?? [])
        {
            hash.Add(size);
        }

        return hash.ToHashCode();
    }

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
