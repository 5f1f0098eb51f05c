namespace SharpServing.Serving;

/// <summary>One model of the list that is served: a parsed <c>ModelConfig</c>.</summary>
public sealed record ServedModelConfig
{
    public required string Name { get; init; }

    /// <summary>Directory of the versions; absolute, or a URI.</summary>
    public required string BasePath { get; init; }

    /// <summary><c>model_platform</c>; empty when not given.</summary>
    public string Platform { get; init; } = "";

    /// <summary>The deprecated <c>model_type</c> by number; 0 when not given, 1 is TENSORFLOW.</summary>
    public int ModelType { get; init; }

    public ServableVersionPolicy VersionPolicy { get; init; } = ServableVersionPolicy.Default;

    /// <summary>Label → version.</summary>
    public IReadOnlyDictionary<string, long> VersionLabels { get; init; } = new Dictionary<string, long>();

    /// <summary>The log of its requests that is asked for; null: none.</summary>
    public RequestLogConfig? RequestLog { get; init; }
}
