using SharpServing.Tensors;

namespace SharpServing.SavedModel;

/// <summary>One tensor of a checkpoint.</summary>
/// <param name="Type">The base type where a reference type is stored.</param>
/// <param name="Shape">Of the whole tensor, also when it is stored in slices.</param>
public readonly record struct CheckpointEntry(string Name, DType Type, Shape Shape);
