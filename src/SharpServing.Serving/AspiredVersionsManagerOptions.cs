namespace SharpServing.Serving;

/// <summary>What the manager is made with.</summary>
public sealed record AspiredVersionsManagerOptions
{
    public IAspiredVersionPolicy Policy { get; init; } = new AvailabilityPreservingPolicy();

    /// <summary>Threads for loads; 0 (default): one load at a time on the manager's own thread, which does nothing else meanwhile.</summary>
    public int NumLoadThreads { get; init; }

    /// <summary>Threads for unloads; 0 (default): on the manager's own thread.</summary>
    public int NumUnloadThreads { get; init; }

    /// <summary>Attempts after the first failed load, default 5; 0 or negative: one attempt.</summary>
    public int MaxNumLoadRetries { get; init; } = 5;

    /// <summary>Pause between attempts in microseconds, default one minute; 0 or negative: none.</summary>
    public long LoadRetryIntervalMicros { get; init; } = 60_000_000;

    /// <summary>Bytes that all loaded versions together may reserve; a load beyond it fails with RESOURCE_EXHAUSTED. Default: no limit.</summary>
    public long TotalMemoryLimitBytes { get; init; } = long.MaxValue;

    /// <summary>Called after every unload, on the thread that unloaded: gives freed memory back to the system.</summary>
    public Action<ServableId>? AfterUnload { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogSink Log { get; init; } = NullLogSink.Instance;
}
