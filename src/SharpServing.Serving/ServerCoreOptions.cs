namespace SharpServing.Serving;

/// <summary>What the serving core is made with.</summary>
public sealed record ServerCoreOptions
{
    /// <summary>Platform name → what loads its versions.</summary>
    public required IReadOnlyDictionary<string, ILoaderFactory> Platforms { get; init; }

    public AspiredVersionsManagerOptions Manager { get; init; } = new();

    /// <summary>Threads for the first load of all models; at least 1.</summary>
    public int NumInitialLoadThreads { get; init; } = 4 * Environment.ProcessorCount;

    /// <summary>Period of directory polling in seconds, default 1; 0 polls once, negative never.</summary>
    public int FileSystemPollWaitSeconds { get; init; } = 1;

    /// <summary>A label that is new, or keeps its version, may name a version that is not available.</summary>
    public bool AllowVersionLabelsForUnavailableModels { get; init; }

    /// <summary>
    /// Makes the request logs of a list of models the ones that are written; called when the models are there. Null: there is no kind of
    /// request log, so that asking for one is refused, as in the original's open build.
    /// </summary>
    public Func<IReadOnlyList<ServedModelConfig>, ServingStatus>? ApplyRequestLogs { get; init; }

    /// <summary>Only decides whether a reload ends with a log line, as in the original: local disks need no flush.</summary>
    public bool FlushFilesystemCaches { get; init; } = true;
}
