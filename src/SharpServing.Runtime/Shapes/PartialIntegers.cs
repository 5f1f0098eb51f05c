using SharpServing.Runtime.Attributes;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Shapes;

/// <summary>An integer scalar or vector of which some elements (null) may be unknown: a shape on its way through a graph.</summary>
public sealed class PartialIntegers
{
    /// <summary>Longer vectors are no shapes and are not followed.</summary>
    public const int MaxLength = 256;

    private PartialIntegers(long?[] elements, bool isScalar)
    {
        Elements = elements;
        IsScalar = isScalar;
    }

    /// <summary>One for a scalar.</summary>
    public IReadOnlyList<long?> Elements { get; }

    public bool IsScalar { get; }

    public bool IsComplete
    {
        get
        {
            foreach (long? element in Elements)
            {
                if (element is null)
                {
                    return false;
                }
            }

            return true;
        }
    }

    public PartialShape Shape => IsScalar ? PartialShape.Scalar : PartialShape.Vector(Elements.Count);

    public static PartialIntegers Scalar(long? value) => new([value], isScalar: true);

    public static PartialIntegers Vector(params long?[] elements) => new(elements, isScalar: false);

    /// <summary>The sizes of a shape as a vector; null without a rank.</summary>
    public static PartialIntegers? SizesOf(PartialShape shape) =>
        shape.Dimensions is { } sizes ? Vector(Array.ConvertAll(sizes, size => size < 0 ? (long?)null : size)) : null;

    /// <summary>All elements unknown; null when the shape is no known scalar or short vector.</summary>
    public static PartialIntegers? Of(PartialShape shape) =>
        shape.Rank == 0 ? Scalar(null) : shape.Rank == 1 && shape[0] is >= 0 and <= MaxLength ? Vector(new long?[shape[0]]) : null;

    /// <summary>Null for anything but a scalar or short vector of integers.</summary>
    public static PartialIntegers? From(Tensor tensor)
    {
        if (tensor.Rank > 1 || tensor.ElementCount > MaxLength || !tensor.DType.IsInteger() || !tensor.Objects.IsEmpty)
        {
            return null;
        }

        var elements = new long?[tensor.ElementCount];
        for (int i = 0; i < elements.Length; i++)
        {
            switch (tensor.DType)
            {
                case DType.Int32:
                    elements[i] = tensor.Span<int>()[i];
                    break;
                case DType.Int64:
                    elements[i] = tensor.Span<long>()[i];
                    break;
                case DType.Int16:
                    elements[i] = tensor.Span<short>()[i];
                    break;
                case DType.UInt16:
                    elements[i] = tensor.Span<ushort>()[i];
                    break;
                case DType.Int8:
                    elements[i] = tensor.Span<sbyte>()[i];
                    break;
                case DType.UInt8:
                    elements[i] = tensor.Span<byte>()[i];
                    break;
                case DType.UInt32:
                    elements[i] = tensor.Span<uint>()[i];
                    break;
                default:
                    return null;
            }
        }

        return new PartialIntegers(elements, tensor.Rank == 0);
    }

    /// <summary>The elements read as sizes; <see cref="PartialShape.Unknown"/> when one is negative.</summary>
    public PartialShape ToShape()
    {
        long[] sizes = new long[Elements.Count];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = Elements[i] ?? -1;
            if (Elements[i] < 0)
            {
                return PartialShape.Unknown;
            }
        }

        return new PartialShape(sizes);
    }

    /// <summary>A complete value as a tensor; one reference for the caller.</summary>
    /// <param name="type">int32 or int64.</param>
    public Tensor ToTensor(DType type)
    {
        Shape shape = IsScalar ? Tensors.Shape.Scalar : new Shape(Elements.Count);
        Tensor tensor = Tensor.Allocate(type, shape, TensorAllocator.Shared, pooled: false);
        for (int i = 0; i < Elements.Count; i++)
        {
            if (type == DType.Int64)
            {
                tensor.Span<long>()[i] = Elements[i]!.Value;
            }
            else
            {
                tensor.Span<int>()[i] = checked((int)Elements[i]!.Value);
            }
        }

        return tensor;
    }

    public override string ToString() => $"{(IsScalar ? "" : "vector ")}{string.Join(',', Elements.Select(element => element?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"))}";
}
