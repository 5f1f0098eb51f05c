using Google.Protobuf.WellKnownTypes;
using SharpServing.Server.Batching;
using SharpServing.Server.Configuration;
using SharpServing.Server.Logging;
using SharpServing.Server.Monitoring;
using SharpServing.Server.RequestLogging;
using SharpServing.Server.Telemetry;
using SharpServing.Serving;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Startup;

/// <summary>
/// What the flags and their files say, checked in the original's order and before anything is loaded. Source:
/// tensorflow_serving/model_servers/server.cc.
/// </summary>
internal sealed class StartupPlan : IDisposable
{
    private const string TensorFlowPlatform = "tensorflow";
    private const string DefaultThreadPool = "model_server_batch_threads";
    private const string SavedModelAdapter = "tensorflow.serving.SavedModelBundleSourceAdapterConfig";

    private readonly IReadOnlyList<ModelBatching> _batching;

    private StartupPlan(
        IReadOnlyList<ServedModelConfig>? models, IReadOnlyDictionary<string, ILoaderFactory> platforms, bool isCustom, IReadOnlyList<ModelBatching> batching)
    {
        _batching = batching;
        Models = models;
        Platforms = platforms;
        IsCustomConfig = isCustom;
    }

    /// <summary>The list to serve; null for an empty configuration.</summary>
    public IReadOnlyList<ServedModelConfig>? Models { get; }

    public IReadOnlyDictionary<string, ILoaderFactory> Platforms { get; }

    /// <summary>A <c>custom_model_config</c>, on which the original aborts.</summary>
    public bool IsCustomConfig { get; }

    public RequestLogLimits RequestLogLimits { get; private init; } = new();

    /// <summary>Ends what was made for the models; they are unloaded before.</summary>
    public void Dispose()
    {
        foreach (ModelBatching batching in _batching)
        {
            batching.Dispose();
        }
    }

    public static ServingStatus Make(
        ModelServerOptions options, ModelServerEnvironment environment, ServingMetrics metrics, ServerLog log, out StartupPlan? plan)
    {
        plan = null;

        // 1. Flags that exclude each other.
        ServingStatus status = CheckFlags(options);
        if (status.IsOk)
        {
            status = CheckOwnFlags(options);
        }

        if (!status.IsOk)
        {
            return status;
        }

        // 2. The models.
        IReadOnlyList<ServedModelConfig>? models = null;
        bool isCustom = false;
        if (options.ModelConfigFile.Length == 0)
        {
            models = ModelConfigConverter.SingleModel(options.ModelName, options.ModelBasePath);
            log.SingleModel(options.ModelName, options.ModelBasePath);
        }
        else
        {
            var config = new ModelServerConfig();
            status = TextProtoFile.Read(options.ModelConfigFile, config, log);
            isCustom = config.ConfigCase == ModelServerConfig.ConfigOneofCase.CustomModelConfig;
            models = config.ConfigCase == ModelServerConfig.ConfigOneofCase.ModelConfigList
                ? ModelConfigConverter.ToModels(config.ModelConfigList)
                : null;
        }

        // 3. Batching, session and platform.
        Dictionary<string, ILoaderFactory>? platforms = null;
        var batching = new List<ModelBatching>();
        var parameters = new BatchingParameters { ThreadPoolName = DefaultThreadPool };
        if (status.IsOk)
        {
            status = options.PlatformConfigFile.Length == 0
                ? CheckSessionFiles(options, log, ref parameters)
                : ReadPlatforms(options, environment, metrics, log, batching, out platforms);
        }

        if (status.IsOk && platforms is null && options.EnableBatching)
        {
            batching.Add(new ModelBatching(parameters, options.EnablePerModelBatchingParameters, environment.Time, metrics, log));
        }

        platforms ??= new Dictionary<string, ILoaderFactory>
        {
            [TensorFlowPlatform] = new SavedModelLoaderFactory(new SavedModelLoaderOptions
            {
                Open = environment.OpenSavedModel,
                Tags = options.SavedModelTags,
                Warmup = MakeWarmup(options, metrics, log),
                Batching = batching.FirstOrDefault(),
                PreferTfLite = options.PreferTfliteModel,
                Metrics = metrics,
                Time = environment.Time,
                Log = log,
            }),
        };
        plan = new StartupPlan(models, platforms, isCustom, batching)
        {
            RequestLogLimits = new RequestLogLimits
            {
                FileBytes = options.RequestLogFileBytes, MaxFiles = options.RequestLogMaxFiles, QueueBytes = options.RequestLogQueueBytes,
            },
        };
        return status;
    }

    /// <summary>The thread pool factory: none is linked in, so naming any is an error. Looked at after the models are loaded.</summary>
    public static ServingStatus CheckThreadPoolFactory(ModelServerOptions options, ServerLog log)
    {
        if (options.ThreadPoolFactoryConfigFile.Length == 0)
        {
            return ServingStatus.Ok;
        }

        var config = new ThreadPoolFactoryConfig();
        ServingStatus status = TextProtoFile.Read(options.ThreadPoolFactoryConfigFile, config, log);
        string type = config.ThreadPoolFactoryConfig_ is { } any ? TypeName(any) : "";
        return status.IsOk
            ? ServingStatus.InvalidArgument($"Couldn't find factory for config proto message type {type}\nconfig={config}")
            : status;
    }

    /// <summary>The tag set that <c>--saved_model_tags</c> names.</summary>
    public static string[] TagsOf(ModelServerOptions options) => options.SavedModelTags.Length == 0 ? ["serve"] : options.SavedModelTags.Split(',');

    /// <summary>What is sent where; null: nothing. The flags were checked.</summary>
    public static TelemetryOptions? TelemetryOf(ModelServerOptions options, string version) => options.OtlpEndpoint.Length == 0
        ? null
        : new TelemetryOptions(new Uri(options.OtlpEndpoint), options.OtlpTraceSamplingRate, TimeSpan.FromSeconds(options.OtlpMetricIntervalSeconds), version);

    private static ServingStatus CheckOwnFlags(ModelServerOptions options)
    {
        if (options is { RequestLogFileBytes: < 1 } or { RequestLogMaxFiles: < 1 } or { RequestLogQueueBytes: < 1 })
        {
            return ServingStatus.InvalidArgument("request_log_file_bytes, request_log_max_files and request_log_queue_bytes must be at least 1.");
        }

        if (options.OtlpMetricIntervalSeconds is < 1 or > int.MaxValue / 1000)
        {
            return ServingStatus.InvalidArgument($"otlp_metric_interval_seconds must be at least 1 and at most {int.MaxValue / 1000}.");
        }

        bool valid = options.OtlpEndpoint.Length == 0 || (Uri.TryCreate(options.OtlpEndpoint, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https");
        return valid ? ServingStatus.Ok : ServingStatus.InvalidArgument($"otlp_endpoint must be an http or https address; got {options.OtlpEndpoint}");
    }

    private static ServingStatus CheckFlags(ModelServerOptions options)
    {
        if (options.Port == 0 && options.GrpcSocketPath.Length == 0)
        {
            return ServingStatus.InvalidArgument("At least one of server_options.grpc_port or server_options.grpc_socket_path must be set.");
        }

        if (options.UseAltsCredentials && options.SslConfigFile.Length > 0)
        {
            return ServingStatus.InvalidArgument("Either use_alts_credentials must be false or ssl_config_file must be empty.");
        }

        if (options.ModelBasePath.Length == 0 && options.ModelConfigFile.Length == 0)
        {
            return ServingStatus.InvalidArgument("Both server_options.model_base_path and server_options.model_config_file are empty!");
        }

        // Never serve in the clear what was asked to be encrypted.
        return options.UseAltsCredentials
            ? ServingStatus.Unimplemented("use_alts_credentials is not supported.")
            : ServingStatus.Ok;
    }

    private static ServingStatus CheckSessionFiles(ModelServerOptions options, ServerLog log, ref BatchingParameters parameters)
    {
        ServingStatus status = ServingStatus.Ok;
        if (options.EnableBatching && options.BatchingParametersFile.Length > 0)
        {
            parameters = new BatchingParameters();
            status = TextProtoFile.Read(options.BatchingParametersFile, parameters, log);
        }
        else if (options.BatchingParametersFile.Length > 0)
        {
            status = ServingStatus.InvalidArgument(
                "server_options.batching_parameters_file is set without setting server_options.enable_batching to true.");
        }

        if (status.IsOk && options.TensorflowSessionConfigFile.Length > 0)
        {
            status = TextProtoFile.Read(options.TensorflowSessionConfigFile, new ConfigProto(), log);
        }

        if (status.IsOk && options is { TensorflowSessionParallelism: > 0, TensorflowIntraOpParallelism: > 0, TensorflowInterOpParallelism: > 0 })
        {
            status = ServingStatus.InvalidArgument(
                "Either configure server_options.tensorflow_session_parallelism or (server_options.tensorflow_intra_op_parallelism, "
                + "server_options.tensorflow_inter_op_parallelism) separately. You cannot configure all.");
        }

        if (status.IsOk && options.MixedPrecision is { Length: > 0 } mode and not "bfloat16")
        {
            log.NoMixedPrecision(mode);
        }

        return status;
    }

    private static ServingStatus ReadPlatforms(
        ModelServerOptions options,
        ModelServerEnvironment environment,
        ServingMetrics metrics,
        ServerLog log,
        List<ModelBatching> batching,
        out Dictionary<string, ILoaderFactory>? platforms)
    {
        platforms = null;
        var config = new PlatformConfigMap();
        ServingStatus status = TextProtoFile.Read(options.PlatformConfigFile, config, log);
        if (!status.IsOk)
        {
            return status;
        }

        platforms = [];
        foreach ((string platform, PlatformConfig adapter) in config.PlatformConfigs)
        {
            string type = TypeName(adapter.SourceAdapterConfig);
            SessionBundleConfig session = new();
            if (type == SavedModelAdapter)
            {
                session = adapter.SourceAdapterConfig.Unpack<SavedModelBundleSourceAdapterConfig>().LegacyConfig ?? session;
            }

            ModelBatching? own = session.BatchingParameters is null && !session.EnablePerModelBatchingParams
                ? null
                : new ModelBatching(session.BatchingParameters ?? new BatchingParameters(), session.EnablePerModelBatchingParams, environment.Time, metrics, log);
            if (own is not null)
            {
                batching.Add(own);
            }

            platforms.Add(platform, type == SavedModelAdapter
                ? new SavedModelLoaderFactory(new SavedModelLoaderOptions
                {
                    Open = environment.OpenSavedModel,
                    Tags = string.Join(',', session.SavedModelTags),
                    Warmup = session.EnableModelWarmup ? new ModelWarmup(options.EnableSignatureMethodNameCheck, session.ModelWarmupOptions?.NumRequestIterations ?? 1, metrics, log) : null,
                    Batching = own,
                    PreferTfLite = session.PreferTfliteModel,
                    EnableSavedModelConfig = session.EnableSavedModelConfig,
                    Metrics = metrics,
                    Time = environment.Time,
                    Log = log,
                })
                : new UnknownPlatform(ServingStatus.Internal($"Unable to find compiled-in proto descriptor of type {type}")));
        }

        return ServingStatus.Ok;
    }

    private static ModelWarmup? MakeWarmup(ModelServerOptions options, ServingMetrics metrics, ServerLog log) => options.EnableModelWarmup
        ? new ModelWarmup(options.EnableSignatureMethodNameCheck, options.NumRequestIterationsForWarmup, metrics, log)
        : null;

    private static string TypeName(Any? any) => any is null ? "" : any.TypeUrl[(any.TypeUrl.LastIndexOf('/') + 1)..];
}
