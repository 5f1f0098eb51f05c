using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace SharpServing.Tensors;

/// <summary>
/// Sizes of each dimension, outermost first. Up to 8 dimensions lie inside the value; up to 254 (TensorFlow's limit) in an array.
/// A size is at least 0 in the shape of a tensor.
/// </summary>
public readonly struct Shape : IEquatable<Shape>
{
    public const int MaxRank = 254;
    private const int InlineRank = 8;

    private readonly Inline _inline;
    private readonly long[]? _more;
    private readonly int _rank;
    private readonly long _elementCount;

    /// <exception cref="ArgumentException">More than 254 dimensions, a negative size, or more than 2^63-1 elements.</exception>
    public Shape(params ReadOnlySpan<long> dimensions)
    {
        if (!TryCount(dimensions, out _elementCount))
        {
            ThrowInvalid(dimensions);
        }

        _rank = dimensions.Length;
        if (_rank <= InlineRank)
        {
            dimensions.CopyTo(_inline);
        }
        else
        {
            _more = dimensions.ToArray();
        }
    }

    public static Shape Scalar => new(ReadOnlySpan<long>.Empty);

    public int Rank => _rank;

    /// <summary>Product of the sizes; 1 for a scalar.</summary>
    public long ElementCount => _rank == 0 ? 1 : _elementCount;

    public bool IsScalar => _rank == 0;

    [UnscopedRef]
    public ReadOnlySpan<long> Dimensions =>
        _more is null ? ((ReadOnlySpan<long>)_inline)[.._rank] : _more;

    /// <summary>Size of a dimension; a negative index counts from the end.</summary>
    public long this[int index] => Dimensions[index < 0 ? index + _rank : index];

    public static bool operator ==(in Shape left, in Shape right) => left.Dimensions.SequenceEqual(right.Dimensions);

    public static bool operator !=(in Shape left, in Shape right) => !(left == right);

    /// <summary>False for a negative size or a product beyond 2^63-1 (zero sizes do not hide an overflow of the others).</summary>
    public static bool TryCount(ReadOnlySpan<long> dimensions, out long count)
    {
        count = 0;
        if (dimensions.Length > MaxRank)
        {
            return false;
        }

        long product = 1;
        bool empty = false;
        foreach (long size in dimensions)
        {
            if (size < 0)
            {
                return false;
            }

            if (size == 0)
            {
                empty = true;
                continue;
            }

            long high = Math.BigMul(product, size, out product);
            if (high != 0 || product < 0)
            {
                return false;
            }
        }

        count = empty ? 0 : product;
        return true;
    }

    public static bool TryCreate(ReadOnlySpan<long> dimensions, out Shape shape)
    {
        bool valid = TryCount(dimensions, out _);
        shape = valid ? new Shape(dimensions) : default;
        return valid;
    }

    /// <summary>Product of the sizes in [from, to).</summary>
    public long CountOf(int from, int to)
    {
        long product = 1;
        foreach (long size in Dimensions[from..to])
        {
            product *= size;
        }

        return product;
    }

    public long[] ToArray() => Dimensions.ToArray();

    public Shape WithDimension(int index, long size)
    {
        Span<long> sizes = stackalloc long[_rank];
        Dimensions.CopyTo(sizes);
        sizes[index] = size;
        return new Shape(sizes);
    }

    public bool Equals(Shape other) => this == other;

    public override bool Equals(object? obj) => obj is Shape other && this == other;

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (long size in Dimensions)
        {
            hash.Add(size);
        }

        return hash.ToHashCode();
    }

    /// <summary>As TensorFlow prints it: <c>[2,3]</c>, <c>[]</c> for a scalar.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("[");
        for (int i = 0; i < _rank; i++)
        {
            if (i > 0)
            {
                text.Append(',');
            }

            text.Append(CultureInfo.InvariantCulture, $"{Dimensions[i]}");
        }

        return text.Append(']').ToString();
    }

    [DoesNotReturn]
    private static void ThrowInvalid(ReadOnlySpan<long> dimensions) =>
        throw new ArgumentException($"Not the shape of a tensor: [{string.Join(',', dimensions.ToArray())}]", nameof(dimensions));

    [InlineArray(InlineRank)]
    private struct Inline
    {
        private long _first;
    }
}
