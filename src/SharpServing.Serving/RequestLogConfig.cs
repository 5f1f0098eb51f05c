namespace SharpServing.Serving;

/// <summary>A parsed <c>LoggingConfig</c> of a model.</summary>
public sealed record RequestLogConfig
{
    /// <summary><c>log_collector_config.type</c>; empty when not given.</summary>
    public string CollectorType { get; init; } = "";

    /// <summary><c>log_collector_config.filename_prefix</c>; empty when not given.</summary>
    public string FilenamePrefix { get; init; } = "";

    /// <summary>Which part of the requests is logged: 0 none, 1 all. What lies outside counts as the nearer end.</summary>
    public double SamplingRate { get; init; }

    /// <summary>A <c>custom_logging_config</c> is there.</summary>
    public bool HasCustomConfig { get; init; }
}
