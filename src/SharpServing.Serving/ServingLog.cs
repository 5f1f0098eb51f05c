namespace SharpServing.Serving;

/// <summary>Every line that the serving core logs, one method each, with the texts, severities and file names of the original.</summary>
internal readonly struct ServingLog
{
    private const string Source0 = "file_system_storage_path_source.cc";
    private const string Harness = "loader_harness.cc";
    private const string BasicManager = "basic_manager.cc";
    private const string Manager = "aspired_versions_manager.cc";
    private const string Retrier = "retrier.cc";
    private const string Core = "server_core.cc";

    private readonly ILogSink _sink;

    public ServingLog(ILogSink sink) => _sink = sink;

    public void Source(string warning) => Write(LogSeverity.Warning, Source0, 369, warning);

    public void FileSystemAccessError(string message) =>
        Write(LogSeverity.Error, Source0, 353, $"FileSystemStoragePathSource encountered a filesystem access error: {message}");

    public void CannotTransfer(ServableId id) =>
        Write(LogSeverity.Error, Manager, 337, $"Internal error: Unable to transfer servable {id} to 'basic_manager_': This servable is already being managed: {id}");

    public void CannotBeLoaded(ServableId id, ServingStatus status) =>
        Write(LogSeverity.Error, Manager, 388, $"Servable {id} cannot be loaded: {status}");

    public void UnloadAll() => Write(LogSeverity.Info, BasicManager, 308, "Unload all remaining servables in the manager.");

    public void ResourcesReserved(ServableId id) =>
        Write(LogSeverity.Info, BasicManager, 739, $"Successfully reserved resources to load servable {id}");

    public void ReservationFailed(ServingStatus status) => Write(LogSeverity.Warning, BasicManager, 755, status.ToString());

    public void Approving(ServableId id) => Write(LogSeverity.Info, Harness, 66, $"Approving load for servable version {id}");

    public void Loading(ServableId id) => Write(LogSeverity.Info, Harness, 74, $"Loading servable version {id}");

    public void Loaded(ServableId id) => Write(LogSeverity.Info, Harness, 95, $"Successfully loaded servable version {id}");

    public void Quiescing(ServableId id) => Write(LogSeverity.Info, Harness, 148, $"Quiescing servable version {id}");

    public void Quiesced(ServableId id) => Write(LogSeverity.Info, Harness, 155, $"Done quiescing servable version {id}");

    /// <summary>The original says "just-loaded" for every unload.</summary>
    public void Unloading(ServableId id) => Write(LogSeverity.Info, Harness, 125, $"Unloading just-loaded servable version {id}");

    public void Unloaded(ServableId id) => Write(LogSeverity.Info, Harness, 137, $"Done unloading servable version {id}");

    public void ReleasingMemory(long bytes) =>
        Write(LogSeverity.Info, "simple_loader.h", 385, $"Calling MallocExtension_ReleaseToSystem() after servable unload with {bytes}");

    public void Failed(ServableId id, ServingStatus status) =>
        Write(LogSeverity.Info, Harness, 180, $"Encountered an error for servable version {id}: {status}");

    public void AttemptFailed(string what, ServingStatus status) => Write(LogSeverity.Error, Retrier, 37, $"{what} failed: {status}");

    public void Retrying(string what, long attempt) => Write(LogSeverity.Info, Retrier, 33, $"Retrying of {what} retry: {attempt}");

    public void RetryCancelled(string what) => Write(LogSeverity.Info, Retrier, 43, $"Retrying of {what} was cancelled.");

    public void RetriesExhausted(string what, long retries) =>
        Write(LogSeverity.Info, Retrier, 46, $"Retrying of {what} exhausted max_num_retries: {retries}");

    public void AddingModels() => Write(LogSeverity.Info, Core, 465, "Adding/updating models.");

    /// <summary>The leading blank is the original's.</summary>
    public void AddingModel(string name) => Write(LogSeverity.Info, Core, 594, $" (Re-)adding model: {name}");

    public void ModelsAdded() => Write(LogSeverity.Info, Core, 486, "Finished adding/updating models");

    public void ConfigReloaded() => Write(LogSeverity.Info, Core, 502, "Finished reloading config");

    public void EmptyConfig() => Write(LogSeverity.Info, Core, 436, "Taking no action for empty config.");

    public void DeprecatedModelType() =>
        Write(LogSeverity.Warning, Core, 83, "Deprecated ModelServerConfig::model_type field used. Prefer ModelServerConfig::model_platform.");

    /// <summary>Of our own: a fault in a loader, with where it happened.</summary>
    public void Unexpected(string exception) => Write(LogSeverity.Error, Harness, 0, $"Unexpected: {exception}");

    private void Write(LogSeverity severity, string file, int line, string text) => _sink.Write(severity, file, line, text);
}
