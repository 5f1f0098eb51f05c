namespace SharpServing.Serving;

/// <summary>
/// Loads and unloads one version. The manager calls it from one thread at a time:
/// any number of <see cref="TryEstimateRam"/>, then any number of <see cref="Load"/> until one succeeds, then <see cref="Unload"/> once.
/// </summary>
public interface ILoader
{
    /// <summary>What <see cref="Load"/> made; asked for only between a successful load and the unload.</summary>
    object Servable { get; }

    /// <summary>Main memory that the loaded version will take, in bytes. An error is retried like a load.</summary>
    ServingStatus TryEstimateRam(out long bytes);

    /// <summary>
    /// Makes <see cref="Servable"/>. A failed attempt leaves nothing behind and may be repeated. May also throw
    /// <see cref="StatusException"/> (or anything else, which becomes INTERNAL).
    /// </summary>
    /// <param name="cancellation">Set when the version is no longer wanted; giving up is allowed, not required.</param>
    ServingStatus Load(CancellationToken cancellation);

    /// <summary>Gives everything back. No request holds the servable any more.</summary>
    void Unload();
}
