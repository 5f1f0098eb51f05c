namespace SharpServing.Serving;

/// <summary>What a front end sees of the manager. Thread-safe; no call blocks.</summary>
public interface IServableDirectory
{
    /// <summary>
    /// Takes a counted handle on a version: the one asked for, the one the label names, or the newest that is available.
    /// The version stays loaded until the handle is disposed.
    /// </summary>
    /// <returns>NOT_FOUND or FAILED_PRECONDITION with TensorFlow Serving's text.</returns>
    ServingStatus TryAcquire(string name, long? version, string? label, out ServableHandle handle);

    /// <summary>Names of the models of the list that is served now, loaded or not.</summary>
    IReadOnlyList<string> ConfiguredModels { get; }

    /// <summary>States of all known versions of a servable, newest first; empty when the name is unknown.</summary>
    IReadOnlyList<ServableState> GetStates(string name);
}
