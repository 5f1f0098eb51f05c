namespace SharpServing.Server.RequestLogging;

/// <summary>What request logs may take. All are at least 1.</summary>
public sealed record RequestLogLimits
{
    /// <summary>A file that would grow beyond this is followed by a new one; a longer record has a file of its own. Unit: bytes. Default 64 MiB.</summary>
    public long FileBytes { get; init; } = 64 << 20;

    /// <summary>Files kept for each prefix; the oldest are deleted. Default 16.</summary>
    public int MaxFiles { get; init; } = 16;

    /// <summary>Records of one prefix that wait to be written; those beyond it are dropped and counted. Unit: bytes. Default 16 MiB.</summary>
    public long QueueBytes { get; init; } = 16 << 20;
}
