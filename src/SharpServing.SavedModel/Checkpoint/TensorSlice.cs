using System.Globalization;
using System.Text;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.SavedModel;

/// <summary>A box of a tensor: start and length of each dimension, or all of it (tensorflow/core/framework/tensor_slice.cc). Immutable.</summary>
public sealed class TensorSlice : IEquatable<TensorSlice>
{
    /// <summary>Length of a dimension that is taken whole.</summary>
    public const long FullExtent = -1;

    private readonly long[] _starts;
    private readonly long[] _lengths;

    private TensorSlice(long[] starts, long[] lengths)
    {
        _starts = starts;
        _lengths = lengths;
    }

    public int Rank => _starts.Length;

    /// <summary>True when every dimension is taken whole.</summary>
    public bool IsFull => Array.TrueForAll(_lengths, l => l == FullExtent);

    public static TensorSlice Full(int rank)
    {
        var lengths = new long[rank];
        Array.Fill(lengths, FullExtent);
        return new TensorSlice(new long[rank], lengths);
    }

    public static TensorSlice FromProto(TensorSliceProto proto)
    {
        var starts = new long[proto.Extent.Count];
        var lengths = new long[proto.Extent.Count];
        for (int d = 0; d < starts.Length; d++)
        {
            TensorSliceProto.Types.Extent extent = proto.Extent[d];
            starts[d] = extent.Start;
            lengths[d] = extent.HasLengthHackCase == TensorSliceProto.Types.Extent.HasLengthHackOneofCase.Length ? extent.Length : FullExtent;
        }

        return new TensorSlice(starts, lengths);
    }

    /// <summary>Reads <c>-:0,4</c>: dimensions separated by colons, each <c>start,length</c> or a dash.</summary>
    public static ServingStatus TryParse(string text, out TensorSlice? slice)
    {
        slice = null;
        string[] items = text.Split(':', StringSplitOptions.RemoveEmptyEntries);
        var starts = new long[items.Length];
        var lengths = new long[items.Length];
        for (int d = 0; d < items.Length; d++)
        {
            lengths[d] = FullExtent;
            if (items[d] == "-")
            {
                continue;
            }

            string[] pair = items[d].Split(',', StringSplitOptions.RemoveEmptyEntries);
            if (pair.Length != 2 || !TryParseNumber(pair[0], out starts[d]) || !TryParseNumber(pair[1], out lengths[d]))
            {
                return ServingStatus.InvalidArgument($"Expected a pair of numbers or '-' but got '{items[d]}': string = {text}");
            }

            if (starts[d] < 0 || lengths[d] <= 0)
            {
                return ServingStatus.InvalidArgument(
                    $"Expected non-negative start and positive length but got start = {starts[d]}, length = {lengths[d]}: string = {text}");
            }
        }

        slice = new TensorSlice(starts, lengths);
        return ServingStatus.Ok;
    }

    /// <summary>Reads <c>10 4 -:0,4</c>: the sizes of the whole tensor, then the slice, all separated by one blank.</summary>
    /// <param name="sliceShape">Sizes of the slice itself.</param>
    public static ServingStatus TryParseShapeAndSlice(string text, out Shape fullShape, out TensorSlice? slice, out Shape sliceShape)
    {
        fullShape = default;
        slice = null;
        sliceShape = default;
        string[] parts = text.Split(' ');
        if (parts.Length < 2)
        {
            return ServingStatus.InvalidArgument($"Need least two elements in shape_and_slice specification: {text}");
        }

        ServingStatus status = TryParse(parts[^1], out slice);
        if (!status.IsOk)
        {
            return status;
        }

        var sizes = new long[parts.Length - 1];
        for (int d = 0; d < sizes.Length; d++)
        {
            if (!TryParseNumber(parts[d], out sizes[d]))
            {
                return ServingStatus.InvalidArgument($"Non numerical dimension in shape_and_slice: {text}");
            }
        }

        return Shape.TryCreate(sizes, out fullShape)
            ? slice!.TryApply(fullShape, out sliceShape)
            : ServingStatus.InvalidArgument($"Not the shape of a tensor in shape_and_slice: {text}");
    }

    public long Start(int dimension) => _starts[dimension];

    public long Length(int dimension) => _lengths[dimension];

    /// <summary>Start of a dimension in a tensor of this shape; 0 when it is taken whole.</summary>
    public long StartIn(int dimension) => _lengths[dimension] == FullExtent ? 0 : _starts[dimension];

    public long LengthIn(int dimension, in Shape shape) => _lengths[dimension] == FullExtent ? shape[dimension] : _lengths[dimension];

    /// <summary>Shape of the slice of a tensor of <paramref name="full"/>.</summary>
    /// <returns>INTERNAL when the ranks differ or the slice leaves the tensor.</returns>
    public ServingStatus TryApply(in Shape full, out Shape result)
    {
        result = default;
        if (full.Rank != Rank)
        {
            return ServingStatus.Internal($"Mismatching ranks: shape = {full}, slice = {this}");
        }

        var sizes = new long[Rank];
        for (int d = 0; d < Rank; d++)
        {
            sizes[d] = LengthIn(d, full);
            if (sizes[d] < 0 || StartIn(d) < 0 || sizes[d] > full[d] || StartIn(d) > full[d] - sizes[d])
            {
                return ServingStatus.Internal($"Extent in dimension {d} out of bounds: shape = {full}, slice = {this}");
            }
        }

        result = new Shape(sizes);
        return ServingStatus.Ok;
    }

    /// <summary>True when both take all of a tensor of this shape, however it is written.</summary>
    public bool CoversAll(in Shape shape)
    {
        for (int d = 0; d < Rank; d++)
        {
            if (StartIn(d) != 0 || LengthIn(d, shape) != shape[d])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The common part of two slices of one tensor.</summary>
    /// <param name="starts">Of the common part, in the whole tensor.</param>
    /// <returns>False when they have nothing in common.</returns>
    public bool TryIntersect(TensorSlice other, in Shape full, Span<long> starts, Span<long> lengths)
    {
        for (int d = 0; d < Rank; d++)
        {
            long start = Math.Max(StartIn(d), other.StartIn(d));
            long end = Math.Min(StartIn(d) + LengthIn(d, full), other.StartIn(d) + other.LengthIn(d, full));
            if (end <= start)
            {
                return false;
            }

            starts[d] = start;
            lengths[d] = end - start;
        }

        return true;
    }

    public bool Equals(TensorSlice? other) =>
        other is not null && _starts.AsSpan().SequenceEqual(other._starts) && _lengths.AsSpan().SequenceEqual(other._lengths);

    public override bool Equals(object? obj) => Equals(obj as TensorSlice);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        for (int d = 0; d < Rank; d++)
        {
            hash.Add(_starts[d]);
            hash.Add(_lengths[d]);
        }

        return hash.ToHashCode();
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        for (int d = 0; d < Rank; d++)
        {
            if (d > 0)
            {
                text.Append(':');
            }

            if (_lengths[d] == FullExtent)
            {
                text.Append('-');
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"{_starts[d]},{_lengths[d]}");
            }
        }

        return text.ToString();
    }

    private static bool TryParseNumber(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out value);
}
