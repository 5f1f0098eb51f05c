namespace SharpServing.Serving;

/// <summary>
/// The serving core as one thing: applies lists of models, keeps source, manager, states and labels together, and is what the front
/// ends ask for servables.
/// </summary>
/// <remarks>Source of the rules and texts: tensorflow_serving/model_servers/server_core.cc.</remarks>
public sealed class ServerCore : IServableDirectory, IDisposable
{
    private const string TensorFlowPlatform = "tensorflow";

    private readonly ServerCoreOptions _options;
    private readonly ServingLog _log;
    private readonly ServableStateMonitor _monitor = new();
    private readonly AspiredVersionsManager _manager;
    private readonly FileSystemStoragePathSource _source;
    private readonly PlatformLoaders _loaders = new();

    // One configuration at a time; held while new models are waited for.
    private readonly SemaphoreSlim _configuring = new(1, 1);
    private IReadOnlyList<ServedModelConfig>? _config;
    private IReadOnlyList<string> _configuredModels = [];
    private bool _started;
    private VersionLabels? _labels;

    public ServerCore(ServerCoreOptions options)
    {
        _options = options;
        _log = new ServingLog(options.Manager.Log);
        _manager = new AspiredVersionsManager(options.Manager, _loaders, _monitor);
        _source = new FileSystemStoragePathSource(
            options.FileSystemPollWaitSeconds, _manager.SetAspiredVersions, options.Manager.Time, options.Manager.Log);
    }

    public ServableStateMonitor Monitor => _monitor;

    public IReadOnlyList<string> ConfiguredModels => Volatile.Read(ref _configuredModels);

    public ServingStatus TryAcquire(string name, long? version, string? label, out ServableHandle handle)
    {
        if (label is not null)
        {
            ServingStatus status = ResolveLabel(name, label, out long labelled);
            if (!status.IsOk)
            {
                handle = default;
                return status;
            }

            version = labelled;
        }

        return _manager.TryAcquire(name, version, out handle) ? ServingStatus.Ok : NotFound(name, version);
    }

    public IReadOnlyList<ServableState> GetStates(string name) => _monitor.GetStates(name);

    /// <summary>An empty configuration: nothing changes.</summary>
    public void IgnoreEmptyConfig() => _log.EmptyConfig();

    /// <summary>
    /// Makes the list of models the one that is served. Models that are gone unload, the others keep serving, new ones load.
    /// Completes when every new model has a version that is available or has failed.
    /// </summary>
    /// <param name="models">The whole list.</param>
    /// <param name="cancellation">Ends the wait for new models; the list stays applied.</param>
    /// <returns>The original's code and text; UNKNOWN names the models that did not become available.</returns>
    public async Task<ServingStatus> ReloadConfigAsync(IReadOnlyList<ServedModelConfig> models, CancellationToken cancellation)
    {
        await _configuring.WaitAsync(cancellation);
        try
        {
            return await ApplyAsync(models, cancellation);
        }
        finally
        {
            _configuring.Release();
        }
    }

    /// <summary>Looks at the directories now instead of at the next period.</summary>
    internal void Poll() => _source.PollOnce();

    /// <summary>Stops polling and loading, waits for the requests in flight, unloads everything.</summary>
    public void Dispose()
    {
        _source.Dispose();
        _manager.Dispose();
        _configuring.Dispose();
    }

    private static ServingStatus NotFound(string name, long? version) => ServingStatus.NotFound(
        version is { } wanted ? $"Servable not found for request: Specific({name}, {wanted})" : $"Servable not found for request: Latest({name})");

    private static ServedModelConfig? Find(IReadOnlyList<ServedModelConfig> models, string name)
    {
        foreach (ServedModelConfig model in models)
        {
            if (model.Name == name)
            {
                return model;
            }
        }

        return null;
    }

    private static ServingStatus Validate(IReadOnlyList<ServedModelConfig> models)
    {
        var names = new HashSet<string>();
        foreach (ServedModelConfig model in models)
        {
            if (!names.Add(model.Name))
            {
                return ServingStatus.InvalidArgument($"Illegal to list model {model.Name} multiple times in config list");
            }
        }

        foreach (ServedModelConfig model in models)
        {
            if (!StoragePath.IsAbsoluteOrUri(model.BasePath))
            {
                return ServingStatus.InvalidArgument(
                    $"Expected model {model.Name} to have an absolute path or URI; got base_path()={model.BasePath}");
            }
        }

        return ServingStatus.Ok;
    }

    private static ServingStatus NotAvailable(string what, IReadOnlyList<ServableState> states)
    {
        var text = new System.Text.StringBuilder();
        int failed = 0;
        foreach (ServableState state in states)
        {
            if (state.State == ManagerState.Available)
            {
                continue;
            }

            failed++;
            text.Append('{').Append(state.Id.ToString());
            if (!state.Status.IsOk)
            {
                text.Append(" due to error: ").Append(state.Status.ToString());
            }

            text.Append("}, ");
        }

        return failed == 0
            ? ServingStatus.Ok
            : new ServingStatus(StatusCode.Unknown, $"{failed} {what}(s) did not become available: {{{text}}}");
    }

    private ServingStatus ResolveLabel(string name, string label, out long version)
    {
        version = 0;
        VersionLabels? labels = Volatile.Read(ref _labels);
        if (labels is null)
        {
            return new ServingStatus(StatusCode.Unavailable, $"Model labels does not init yet.{label}");
        }

        return labels.TryGet(name, label, out version)
            ? ServingStatus.Ok
            : ServingStatus.InvalidArgument($"Unrecognized servable version label: {label}");
    }

    private async Task<ServingStatus> ApplyAsync(IReadOnlyList<ServedModelConfig> models, CancellationToken cancellation)
    {
        // 1. Checks that change nothing.
        ServingStatus status = Validate(models);
        if (status.IsOk && _config is { } old)
        {
            status = ValidatePlatforms(old, models);
        }

        if (!status.IsOk)
        {
            return status;
        }

        // 2. From here on this is the configuration, even if a later step fails.
        IReadOnlyList<ServedModelConfig> before = _config ?? [];
        _config = models;
        Volatile.Write(ref _configuredModels, [.. models.Select(static model => model.Name)]);
        status = UpdateLabels(models);
        if (!status.IsOk)
        {
            return status;
        }

        // 3. Tell the source, then wait for what is new.
        _log.AddingModels();
        foreach (ServedModelConfig model in models)
        {
            _log.AddingModel(model.Name);
        }

        status = Route(models, out Dictionary<string, ILoaderFactory> routes);
        if (!status.IsOk)
        {
            return status;
        }

        status = await ApplyToSourceAsync(models, routes, before, cancellation);
        if (!status.IsOk)
        {
            return status;
        }

        _log.ModelsAdded();

        // 4. Request logs.
        status = _options.ApplyRequestLogs?.Invoke(models)
            ?? (models.Any(static model => model.RequestLog is not null) ? ServingStatus.InvalidArgument("No request-logger-creator provided.") : ServingStatus.Ok);
        if (!status.IsOk)
        {
            return status;
        }

        if (!_options.FlushFilesystemCaches)
        {
            _log.ConfigReloaded();
        }

        return ServingStatus.Ok;
    }

    private async Task<ServingStatus> ApplyToSourceAsync(
        IReadOnlyList<ServedModelConfig> models,
        Dictionary<string, ILoaderFactory> routes,
        IReadOnlyList<ServedModelConfig> before,
        CancellationToken cancellation)
    {
        bool first = !_started;
        var fresh = new List<string>();
        var monitored = new List<MonitoredServable>(models.Count);
        foreach (ServedModelConfig model in models)
        {
            monitored.Add(new MonitoredServable(model.Name, model.BasePath, model.VersionPolicy));
            if (first || Find(before, model.Name) is null)
            {
                fresh.Add(model.Name);
            }
        }

        _loaders.Routes = routes;
        Task<IReadOnlyList<ServableState>> wait = _monitor.WaitUntilAvailableAsync(fresh, cancellation);
        _source.Update(monitored);
        if (first)
        {
            _started = true;
            _manager.SetNumLoadThreads(Math.Max(_options.NumInitialLoadThreads, 1));
            _manager.Start();
            _source.Start();
        }

        IReadOnlyList<ServableState> states = await wait;
        if (first)
        {
            _manager.SetNumLoadThreads(_options.Manager.NumLoadThreads);
        }

        return NotAvailable(first ? "servable" : "model", states);
    }

    private ServingStatus ValidatePlatforms(IReadOnlyList<ServedModelConfig> old, IReadOnlyList<ServedModelConfig> models)
    {
        foreach (ServedModelConfig model in models)
        {
            if (Find(old, model.Name) is not { } before)
            {
                continue;
            }

            ServingStatus status = GetPlatform(before, out string was);
            if (status.IsOk)
            {
                status = GetPlatform(model, out string requested);
                if (status.IsOk && requested != was)
                {
                    status = ServingStatus.InvalidArgument(
                        $"Illegal to change a model's platform. For model {model.Name} platform was {was} and new platform requested is {requested}");
                }
            }

            if (!status.IsOk)
            {
                return status;
            }
        }

        return ServingStatus.Ok;
    }

    private ServingStatus Route(IReadOnlyList<ServedModelConfig> models, out Dictionary<string, ILoaderFactory> routes)
    {
        routes = new Dictionary<string, ILoaderFactory>(models.Count);
        foreach (ServedModelConfig model in models)
        {
            ServingStatus status = GetPlatform(model, out string platform);
            if (!status.IsOk)
            {
                return status;
            }

            if (!_options.Platforms.TryGetValue(platform, out ILoaderFactory? factory))
            {
                return ServingStatus.InvalidArgument($"Model {model.Name} requests unsupported platform {platform}");
            }

            if (!factory.Availability.IsOk)
            {
                return factory.Availability;
            }

            routes[model.Name] = factory;
        }

        return ServingStatus.Ok;
    }

    private ServingStatus GetPlatform(ServedModelConfig model, out string platform)
    {
        platform = model.Platform;
        if (model.ModelType != 0)
        {
            _log.DeprecatedModelType();
            if (platform.Length > 0)
            {
                return ServingStatus.InvalidArgument(
                    $"Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform, model name is {model.Name}");
            }

            if (model.ModelType != 1)
            {
                return ServingStatus.InvalidArgument($"ModelServerConfig::model_type choice {model.ModelType} not supported.");
            }

            platform = TensorFlowPlatform;
        }

        return platform.Length > 0
            ? ServingStatus.Ok
            : ServingStatus.InvalidArgument(
                $"Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, model name is {model.Name}");
    }

    private ServingStatus UpdateLabels(IReadOnlyList<ServedModelConfig> models)
    {
        VersionLabels? before = _labels;
        foreach (ServedModelConfig model in models)
        {
            foreach ((string label, long version) in model.VersionLabels)
            {
                bool available = _monitor.Find(new ServableId(model.Name, version)) is { State: ManagerState.Available };
                bool mayWait = _options.AllowVersionLabelsForUnavailableModels
                    && (before is null || !before.TryGet(model.Name, label, out long now) || now == version);
                if (!available && !mayWait)
                {
                    return ServingStatus.FailedPrecondition(
                        $"Request to assign label to version {version} of model {model.Name}, which is not currently available for inference");
                }
            }
        }

        Volatile.Write(ref _labels, VersionLabels.From(models));
        return ServingStatus.Ok;
    }
}
