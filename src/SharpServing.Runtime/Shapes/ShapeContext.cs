using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Shapes;

/// <summary>What a <see cref="ShapeFunction"/> sees of one node.</summary>
public sealed class ShapeContext
{
    private readonly ShapeInference _known;

    internal ShapeContext(ShapeInference known, Node node)
    {
        _known = known;
        Node = node;
    }

    public Node Node { get; }

    public AttributeMap Attributes => Node.Attributes;

    public int InputCount => Node.Inputs.Count;

    public int OutputCount => Node.OutputTypes.Length;

    public DType InputType(int index) => Node.Inputs[index].Type;

    public DType OutputType(int index) => Node.OutputTypes[index];

    public PartialShape InputShape(int index) => _known.ShapeOf(Node.Inputs[index]);

    /// <summary>Value of an input that is the same in every run, or <see langword="null"/>. Borrowed.</summary>
    public Tensor? InputValue(int index) => _known.ValueOf(Node.Inputs[index]);

    /// <summary>What is known of an integer scalar or vector; <see langword="null"/>: not even its length.</summary>
    public PartialIntegers? InputIntegers(int index) => _known.IntegersOf(Node.Inputs[index]);

    /// <summary>An input whose elements are sizes (Fill, BroadcastTo, …): a vector, which makes the shape.</summary>
    public PartialShape InputAsShape(int index) =>
        InputIntegers(index) is { IsScalar: false } sizes ? sizes.ToShape() : PartialShape.Unknown;

    /// <summary>The one element of an integer input.</summary>
    public long? InputScalar(int index) => InputIntegers(index) is { Elements: [var element] } ? element : null;

    public void SetOutput(int index, PartialShape shape) => _known.SetShape(Node.Output(index), shape);

    /// <summary>States what is known of an integer output's elements, and with it its shape.</summary>
    public void SetOutputValue(int index, PartialIntegers? value)
    {
        if (value is not null)
        {
            _known.SetIntegers(Node.Output(index), value);
        }
    }
}
