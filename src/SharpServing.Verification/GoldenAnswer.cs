namespace SharpServing.Verification;

/// <summary>What TensorFlow answered: outputs or an error.</summary>
internal sealed class GoldenAnswer
{
    /// <summary>Expected outputs with their names (of a signature, or of the fetch); <see langword="null"/>: an error is expected.</summary>
    public IReadOnlyList<(string Name, GoldenTensor Tensor)>? Outputs { get; init; }

    public GoldenError? Error { get; init; }

    /// <summary>Another answer that is right as well.</summary>
    public GoldenAnswer? Or { get; init; }

    /// <summary>Any answer is right as well (the original's set-ups disagree and only one was recorded).</summary>
    public bool OrAnyOutputs { get; init; }

    /// <summary>Any refusal is right as well.</summary>
    public bool OrAnyError { get; init; }

    public double RelativeTolerance { get; init; }

    public double AbsoluteTolerance { get; init; }

    public GoldenCheck Check { get; init; }
}
