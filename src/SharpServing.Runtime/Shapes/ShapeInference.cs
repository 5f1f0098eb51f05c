using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Shapes;

/// <summary>
/// What is known of the tensors of a graph before it runs, by the shape functions of the op table. Never a reason to refuse anything. What a
/// model declares (the shape of a Placeholder, <c>_output_shapes</c>) is not believed, as nothing holds a feed to it: an argument is unknown
/// unless the caller knows better. Statements on an output hold if its node runs and gives an answer.
/// </summary>
public sealed class ShapeInference
{
    private readonly OpRegistry _registry;
    private readonly Dictionary<NodeOutput, PartialShape> _shapes = [];
    private readonly Dictionary<NodeOutput, PartialIntegers> _integers = [];
    private readonly Dictionary<NodeOutput, Tensor> _values = [];

    public ShapeInference(OpRegistry registry) => _registry = registry;

    /// <summary>Infers a whole graph.</summary>
    /// <param name="arguments">Shapes of the graph's arguments; may be shorter than those.</param>
    public static ShapeInference Run(Graph graph, OpRegistry registry, params ReadOnlySpan<PartialShape> arguments)
    {
        var inference = new ShapeInference(registry);
        for (int i = 0; i < arguments.Length; i++)
        {
            inference.SetShape(graph.Arguments[i].Output(0), arguments[i]);
        }

        inference.Infer(graph);
        return inference;
    }

    public void Infer(Graph graph)
    {
        foreach (Node node in graph.TopologicalOrder())
        {
            Infer(node);
        }
    }

    /// <summary>Infers one node; its inputs come before it.</summary>
    public void Infer(Node node)
    {
        if (node.Op == Graph.ArgumentOp || node.IsConstant || _registry.Find(node.Op) is not { } row)
        {
            return;
        }

        try
        {
            row.Shape(new ShapeContext(this, node));
        }
        catch (StatusException)
        {
            // An attribute is missing or wrong: the kernel's factory says so.
            for (int i = 0; i < node.OutputTypes.Length; i++)
            {
                _shapes.Remove(node.Output(i));
                _integers.Remove(node.Output(i));
            }
        }
    }

    public PartialShape ShapeOf(NodeOutput output) =>
        ValueOf(output) is { } value ? PartialShape.From(value.Shape) : _shapes.GetValueOrDefault(output, PartialShape.Unknown);

    /// <summary>What is known of an integer scalar or vector; <see langword="null"/>: not even its length.</summary>
    public PartialIntegers? IntegersOf(NodeOutput output) =>
        ValueOf(output) is { } value ? PartialIntegers.From(value)
            : _integers.GetValueOrDefault(output) ?? (output.Type.IsInteger() ? PartialIntegers.Of(ShapeOf(output)) : null);

    /// <summary>A value that is the same in every run. Borrowed.</summary>
    public Tensor? ValueOf(NodeOutput output)
    {
        Tensor? value = output.Constant ?? _values.GetValueOrDefault(output);

        // The handle of a reference variable has the variable's dtype, but not its shape.
        return value is null || (!value.Objects.IsEmpty && value.DType is not (DType.Resource or DType.Variant)) ? null : value;
    }

    /// <summary>States the shape of an argument; of another output, a shape function does.</summary>
    public void SetShape(NodeOutput output, PartialShape shape) => _shapes[output] = shape;

    /// <summary>States the value of an argument, which outlives this.</summary>
    public void SetValue(NodeOutput output, Tensor value) => _values[output] = value;

    /// <summary>States what is known of the elements of an integer argument.</summary>
    public void SetIntegers(NodeOutput output, PartialIntegers value)
    {
        SetShape(output, value.Shape);
        if (value.Elements.Count <= PartialIntegers.MaxLength)
        {
            _integers[output] = output.Type switch
            {
                DType.Int64 => value,
                DType.Int32 => Int32Only(value),
                _ => PartialIntegers.Of(value.Shape)!,
            };
        }
    }

    /// <summary>What int32 does not hold is unknown: it wraps or fails, as the op has it.</summary>
    private static PartialIntegers Int32Only(PartialIntegers value)
    {
        foreach (long? element in value.Elements)
        {
            if (element is > int.MaxValue or < int.MinValue)
            {
                long?[] elements = [.. value.Elements.Select(one => one is > int.MaxValue or < int.MinValue ? null : one)];
                return value.IsScalar ? PartialIntegers.Scalar(elements[0]) : PartialIntegers.Vector(elements);
            }
        }

        return value;
    }
}
