using SharpServing.Tensors;

namespace SharpServing.Ops.State;

/// <summary>One reference to a tensor, given back at the end of a <c>using</c>.</summary>
internal readonly ref struct Held(Tensor tensor)
{
    public Tensor Tensor { get; } = tensor;

    public void Dispose() => Tensor.Release();
}
