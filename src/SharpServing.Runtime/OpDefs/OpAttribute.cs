using SharpServing.Tensors;

namespace SharpServing.Runtime.OpDefs;

/// <summary>One attribute of an op definition.</summary>
public sealed class OpAttribute
{
    public required string Name { get; init; }

    /// <summary><c>int</c>, <c>float</c>, <c>bool</c>, <c>string</c>, <c>type</c>, <c>shape</c>, <c>tensor</c>, <c>func</c> or <c>list(…)</c> of one.</summary>
    public required string Type { get; init; }

    /// <summary>Default in the notation of ops.txt, or <see langword="null"/> when the attribute is required.</summary>
    public string? Default { get; init; }

    /// <summary>Allowed dtypes of a type or list(type) attribute; <see langword="null"/>: all.</summary>
    public IReadOnlyList<DType>? AllowedTypes { get; init; }

    /// <summary>Allowed texts of a string attribute; <see langword="null"/>: all.</summary>
    public IReadOnlyList<string>? AllowedStrings { get; init; }

    /// <summary>Smallest value of an int, smallest length of a list.</summary>
    public long? Minimum { get; init; }
}
