namespace SharpServing.Batching;

/// <summary>How one queue makes batches. Sizes are in rows.</summary>
public sealed record BatchQueueOptions
{
    /// <summary>Largest task that is taken.</summary>
    public int MaxTaskSize { get; init; } = 1000;

    /// <summary>Largest batch that is processed; below <see cref="MaxTaskSize"/> only with <see cref="SplitsTasks"/>.</summary>
    public int MaxBatchSize { get; init; } = 1000;

    /// <summary>How long the first task of a batch that is not full waits for others.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>Batches that may wait, the one being filled among them; zero and negative count as one.</summary>
    public int MaxEnqueuedBatches { get; init; } = 10;

    /// <summary>A task that does not fit is cut in pieces.</summary>
    public bool SplitsTasks { get; init; }
}
