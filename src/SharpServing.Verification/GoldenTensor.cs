using SharpServing.Tensors;

namespace SharpServing.Verification;

/// <summary>A tensor as golden data gives it.</summary>
internal sealed class GoldenTensor
{
    public required DType Type { get; init; }

    /// <summary><see langword="null"/>: only the type is known (resource, variant).</summary>
    public Shape? Shape { get; init; }

    /// <summary>The values; <see langword="null"/> when they are not given, or only in part by <see cref="Summary"/>. Lives as long as the process.</summary>
    public Tensor? Values { get; init; }

    public GoldenSummary? Summary { get; init; }
}
