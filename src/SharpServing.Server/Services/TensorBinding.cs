using SharpServing.Tensors;

namespace SharpServing.Server.Services;

/// <summary>One input or output of a signature.</summary>
/// <param name="Alias">The name that clients use.</param>
/// <param name="TensorName">The name in the graph: <c>node:port</c>, as written in the signature.</param>
/// <param name="DType">As declared; requests are not checked against it.</param>
public readonly record struct TensorBinding(string Alias, string TensorName, DType DType);
