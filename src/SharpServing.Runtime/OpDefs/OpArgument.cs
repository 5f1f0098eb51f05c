using SharpServing.Tensors;

namespace SharpServing.Runtime.OpDefs;

/// <summary>One input or output of an op definition. Exactly one of <see cref="Type"/>, <see cref="TypeAttribute"/> and <see cref="TypeListAttribute"/> says its dtype.</summary>
public sealed class OpArgument
{
    public required string Name { get; init; }

    /// <summary>Fixed dtype, or <see cref="DType.Invalid"/>.</summary>
    public DType Type { get; init; }

    public string? TypeAttribute { get; init; }

    /// <summary>Name of a list(type) attribute: as many tensors, each with its own dtype.</summary>
    public string? TypeListAttribute { get; init; }

    /// <summary>Name of an int attribute: that many tensors of one dtype.</summary>
    public string? NumberAttribute { get; init; }

    /// <summary>A reference to a TensorFlow 1 variable.</summary>
    public bool IsReference { get; init; }
}
