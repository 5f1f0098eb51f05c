using SharpServing.Runtime.Attributes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Parsing;

/// <summary>A feature asked for as a dense tensor: dtype and shape of one example's value.</summary>
internal sealed class DenseFeature
{
    /// <exception cref="StatusException">INVALID_ARGUMENT: the rank or an inner size is unknown.</exception>
    public DenseFeature(int index, DType type, PartialShape shape)
    {
        Type = type;
        Shape = shape;
        if (!shape.HasRank || shape.Dimensions.AsSpan(System.Math.Min(1, shape.Rank)).ContainsAnyExceptInRange(0, long.MaxValue))
        {
            throw StatusException.InvalidArgument($"dense_shapes[{index}] has unknown rank or unknown inner dimensions: {shape}");
        }

        IsVariable = shape.Rank > 0 && shape.Dimensions![0] < 0;
        Inner = new Shape(shape.Dimensions.AsSpan(IsVariable ? 1 : 0));
    }

    public DType Type { get; }

    public PartialShape Shape { get; }

    /// <summary>The first size differs by example; the batch is padded.</summary>
    public bool IsVariable { get; }

    /// <summary>The shape, without its first dimension when that is variable.</summary>
    public Shape Inner { get; }

    /// <summary>Values of one example, or of one step of the variable dimension.</summary>
    public int Stride => checked((int)Inner.ElementCount);

    /// <summary>Checks the default value (the padding of a variable feature) that a node is given.</summary>
    public void CheckDefault(int index, Tensor value)
    {
        if (IsVariable)
        {
            if (value.ElementCount != 1)
            {
                throw StatusException.InvalidArgument(
                    $"dense_shape[{index}] is a variable length shape: {Shape}, therefore def_value[{index}] must contain a single element (the padding element).  But its shape is: {value.Shape}");
            }
        }
        else if (value.ElementCount > 0 && !Shape.IsCompatibleWith(value.Shape))
        {
            throw StatusException.InvalidArgument(
                $"def_value[{index}].shape() == {value.Shape} is not compatible with dense_shapes_[{index}] == {Shape}");
        }
    }
}
