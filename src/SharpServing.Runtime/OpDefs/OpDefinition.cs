namespace SharpServing.Runtime.OpDefs;

/// <summary>What TensorFlow says of an op: arguments, attributes, flags. Facts of tensorflow/core/ops/*.cc.</summary>
public sealed class OpDefinition
{
    public required string Name { get; init; }

    public required IReadOnlyList<OpArgument> Inputs { get; init; }

    public required IReadOnlyList<OpArgument> Outputs { get; init; }

    public required IReadOnlyList<OpAttribute> Attributes { get; init; }

    /// <summary>Has state or an effect: never folded, never dropped when a function is inlined, never merged with an equal node.</summary>
    public bool IsStateful { get; init; }

    public bool IsCommutative { get; init; }

    public bool AllowsUninitializedInput { get; init; }

    /// <summary>GraphDef producer version from which on the op is refused; 0: never.</summary>
    public int DeprecatedSince { get; init; }

    public OpAttribute? FindAttribute(string name)
    {
        foreach (OpAttribute attribute in Attributes)
        {
            if (attribute.Name == name)
            {
                return attribute;
            }
        }

        return null;
    }
}
