using SharpServing.Server.Batching;
using SharpServing.Server.Logging;
using SharpServing.Server.Monitoring;

namespace SharpServing.Server.Startup;

/// <summary>How the versions of a platform are loaded.</summary>
internal sealed record SavedModelLoaderOptions
{
    /// <summary>What reads a SavedModel.</summary>
    public required SavedModelOpener Open { get; init; }

    /// <summary>Comma list; empty means <c>serve</c>.</summary>
    public required string Tags { get; init; }

    /// <summary>Replays warm-up files; null: they are not looked for.</summary>
    public ModelWarmup? Warmup { get; init; }

    /// <summary>Has runs wait for others; null: each runs alone.</summary>
    public ModelBatching? Batching { get; init; }

    /// <summary>A <c>model.tflite</c> in the folder is to be served instead: such a version is refused.</summary>
    public bool PreferTfLite { get; init; }

    /// <summary><c>enable_saved_model_config</c> of a platform configuration: the original's open build refuses every version then.</summary>
    public bool EnableSavedModelConfig { get; init; }

    /// <summary>Counts the loads.</summary>
    public required ServingMetrics Metrics { get; init; }

    /// <summary>Clock of the load times in the log.</summary>
    public required TimeProvider Time { get; init; }

    public required ServerLog Log { get; init; }
}
