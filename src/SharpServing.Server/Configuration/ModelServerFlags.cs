namespace SharpServing.Server.Configuration;

/// <summary>
/// The flags of tensorflow_model_server, one row each, in the order and with the texts of its usage page (misprints included: people
/// compare); SharpServing's own follow, marked <see cref="FlagEffect.Own"/>. Syntax: <see cref="Flag"/>; meaning of values: the texts here and docs/adding-a-flag.md.
/// </summary>
internal static class ModelServerFlags
{
    public static readonly Flag[] All =
    [
        Flag.Int32(
            "port", static o => o.Port, static (o, v) => o.Port = v,
            "TCP port to listen on for gRPC/HTTP API. Disabled if port set to zero."),
        Flag.String(
            "grpc_socket_path", static o => o.GrpcSocketPath, static (o, v) => o.GrpcSocketPath = v,
            "If non-empty, listen to a UNIX socket for gRPC API on the given path. Can be either relative or absolute path."),
        Flag.Int32(
            "rest_api_port", static o => o.RestApiPort, static (o, v) => o.RestApiPort = v,
            "Port to listen on for HTTP/REST API. If set to zero HTTP/REST API will not be exported. This port must be different than the one specified in --port."),
        Flag.Int32(
            "rest_api_num_threads", static o => o.RestApiNumThreads, static (o, v) => o.RestApiNumThreads = v,
            "Number of threads for HTTP/REST API processing. If not set, will be auto set based on number of CPUs.", FlagEffect.None),
        Flag.Int32(
            "rest_api_timeout_in_ms", static o => o.RestApiTimeoutInMs, static (o, v) => o.RestApiTimeoutInMs = v,
            "Timeout for HTTP/REST API calls."),
        Flag.Bool(
            "rest_api_enable_cors_support", static o => o.RestApiEnableCorsSupport, static (o, v) => o.RestApiEnableCorsSupport = v,
            "Enable CORS headers in response"),
        Flag.Bool(
            "enable_batching", static o => o.EnableBatching, static (o, v) => o.EnableBatching = v,
            "enable batching"),
        Flag.Bool(
            "allow_version_labels_for_unavailable_models", static o => o.AllowVersionLabelsForUnavailableModels, static (o, v) => o.AllowVersionLabelsForUnavailableModels = v,
            "If true, allows assigning unused version labels to models that are not available yet."),
        Flag.String(
            "batching_parameters_file", static o => o.BatchingParametersFile, static (o, v) => o.BatchingParametersFile = v,
            "If non-empty, read an ascii BatchingParameters protobuf from the supplied file name and use the contained values instead of the defaults."),
        Flag.Bool(
            "enable_per_model_batching_parameters", static o => o.EnablePerModelBatchingParameters, static (o, v) => o.EnablePerModelBatchingParameters = v,
            "Enables model specific batching params like batch sizes, timeouts, batching feature flags to be read from `batching_params.pbtxt` file present in SavedModel dir of the model. Associated params in the global config from --batching_parameters_file are *ignored*. Only threadpool (name and size) related params are used from the global config, as this threadpool is shared across all the models that want to batch requests. This option is only applicable when --enable_batching flag is set."),
        Flag.String(
            "model_config_file", static o => o.ModelConfigFile, static (o, v) => o.ModelConfigFile = v,
            "If non-empty, read an ascii ModelServerConfig protobuf from the supplied file name, and serve the models in that file. This config file can be used to specify multiple models to serve and other advanced parameters including non-default version policy. (If used, --model_name, --model_base_path are ignored.)"),
        Flag.Int32(
            "model_config_file_poll_wait_seconds", static o => o.ModelConfigFilePollWaitSeconds, static (o, v) => o.ModelConfigFilePollWaitSeconds = v,
            "Interval in seconds between each poll of the filesystemfor model_config_file. If unset or set to zero, poll will be done exactly once and not periodically. Setting this to negative is reserved for testing purposes only."),
        Flag.String(
            "model_name", static o => o.ModelName, static (o, v) => o.ModelName = v,
            "name of model (ignored if --model_config_file flag is set)"),
        Flag.String(
            "model_base_path", static o => o.ModelBasePath, static (o, v) => o.ModelBasePath = v,
            "path to export (ignored if --model_config_file flag is set, otherwise required)"),
        Flag.Int32(
            "num_load_threads", static o => o.NumLoadThreads, static (o, v) => o.NumLoadThreads = v,
            "The number of threads in the thread-pool used to load servables. If set as 0, we don't use a thread-pool, and servable loads are performed serially in the manager's main work loop, may casue the Serving request to be delayed. Default: 0"),
        Flag.Int32(
            "num_unload_threads", static o => o.NumUnloadThreads, static (o, v) => o.NumUnloadThreads = v,
            "The number of threads in the thread-pool used to unload servables. If set as 0, we don't use a thread-pool, and servable loads are performed serially in the manager's main work loop, may casue the Serving request to be delayed. Default: 0"),
        Flag.Int32(
            "max_num_load_retries", static o => o.MaxNumLoadRetries, static (o, v) => o.MaxNumLoadRetries = v,
            "maximum number of times it retries loading a model after the first failure, before giving up. If set to 0, a load is attempted only once. Default: 5"),
        Flag.Int64(
            "load_retry_interval_micros", static o => o.LoadRetryIntervalMicros, static (o, v) => o.LoadRetryIntervalMicros = v,
            "The interval, in microseconds, between each servable load retry. If set negative, it doesn't wait. Default: 1 minute"),
        Flag.Int32(
            "file_system_poll_wait_seconds", static o => o.FileSystemPollWaitSeconds, static (o, v) => o.FileSystemPollWaitSeconds = v,
            "Interval in seconds between each poll of the filesystem for new model version. If set to zero poll will be exactly done once and not periodically. Setting this to negative value will disable polling entirely causing ModelServer to indefinitely wait for a new model at startup. Negative values are reserved for testing purposes only."),
        Flag.Bool(
            "flush_filesystem_caches", static o => o.FlushFilesystemCaches, static (o, v) => o.FlushFilesystemCaches = v,
            "If true (the default), filesystem caches will be flushed after the initial load of all servables, and after each subsequent individual servable reload (if the number of load threads is 1). This reduces memory consumption of the model server, at the potential cost of cache misses if model files are accessed after servables are loaded."),
        Flag.Int64(
            "tensorflow_session_parallelism", static o => o.TensorflowSessionParallelism, static (o, v) => o.TensorflowSessionParallelism = v,
            "Number of threads to use for running a Tensorflow session. Auto-configured by default.Note that this option is ignored if --platform_config_file is non-empty.", FlagEffect.None),
        Flag.String(
            "tensorflow_session_config_file", static o => o.TensorflowSessionConfigFile, static (o, v) => o.TensorflowSessionConfigFile = v,
            "If non-empty, read an ascii TensorFlow Session ConfigProto protobuf from the supplied file name. Note, parts of the session config (threads, parallelism etc.) can be overridden if needed, via corresponding command line flags.", FlagEffect.None),
        Flag.Int64(
            "tensorflow_intra_op_parallelism", static o => o.TensorflowIntraOpParallelism, static (o, v) => o.TensorflowIntraOpParallelism = v,
            "Number of threads to use to parallelize the executionof an individual op. Auto-configured by default.Note that this option is ignored if --platform_config_file is non-empty.", FlagEffect.None),
        Flag.Int64(
            "tensorflow_inter_op_parallelism", static o => o.TensorflowInterOpParallelism, static (o, v) => o.TensorflowInterOpParallelism = v,
            "Controls the number of operators that can be executed simultaneously. Auto-configured by default.Note that this option is ignored if --platform_config_file is non-empty.", FlagEffect.None),
        Flag.Bool(
            "use_alts_credentials", static o => o.UseAltsCredentials, static (o, v) => o.UseAltsCredentials = v,
            "Use Google ALTS credentials"),
        Flag.String(
            "ssl_config_file", static o => o.SslConfigFile, static (o, v) => o.SslConfigFile = v,
            "If non-empty, read an ascii SSLConfig protobuf from the supplied file name and set up a secure gRPC channel"),
        Flag.String(
            "platform_config_file", static o => o.PlatformConfigFile, static (o, v) => o.PlatformConfigFile = v,
            "If non-empty, read an ascii PlatformConfigMap protobuf from the supplied file name, and use that platform config instead of the Tensorflow platform. (If used, --enable_batching is ignored.)"),
        Flag.Float(
            "per_process_gpu_memory_fraction", static o => o.PerProcessGpuMemoryFraction, static (o, v) => o.PerProcessGpuMemoryFraction = v,
            "Fraction that each process occupies of the GPU memory space the value is between 0.0 and 1.0 (with 0.0 as the default) If 1.0, the server will allocate all the memory when the server starts, If 0.0, Tensorflow will automatically select a value.", FlagEffect.None),
        Flag.String(
            "saved_model_tags", static o => o.SavedModelTags, static (o, v) => o.SavedModelTags = v,
            "Comma-separated set of tags corresponding to the meta graph def to load from SavedModel."),
        Flag.String(
            "grpc_channel_arguments", static o => o.GrpcChannelArguments, static (o, v) => o.GrpcChannelArguments = v,
            "A comma separated list of arguments to be passed to the grpc server. (e.g. grpc.max_connection_age_ms=2000)"),
        Flag.Int32(
            "grpc_max_threads", static o => o.GrpcMaxThreads,
            static (o, v) =>
            {
                o.GrpcMaxThreads = v;
                o.LimitGrpcThreads = true;
            },
            "Max grpc server threads to handle grpc messages."),
        Flag.Bool(
            "enable_model_warmup", static o => o.EnableModelWarmup, static (o, v) => o.EnableModelWarmup = v,
            "Enables model warmup, which triggers lazy initializations (such as TF optimizations) at load time, to reduce first request latency."),
        Flag.Int32(
            "num_request_iterations_for_warmup", static o => o.NumRequestIterationsForWarmup, static (o, v) => o.NumRequestIterationsForWarmup = v,
            "Number of times a request is iterated during warmup replay. This value is used only if > 0."),
        Flag.Bool(
            "version", static o => o.Version, static (o, v) => o.Version = v,
            "Display version"),
        Flag.String(
            "monitoring_config_file", static o => o.MonitoringConfigFile, static (o, v) => o.MonitoringConfigFile = v,
            "If non-empty, read an ascii MonitoringConfig protobuf from the supplied file name"),
        Flag.Bool(
            "remove_unused_fields_from_bundle_metagraph", static o => o.RemoveUnusedFieldsFromBundleMetagraph, static (o, v) => o.RemoveUnusedFieldsFromBundleMetagraph = v,
            "Removes unused fields from MetaGraphDef proto message to save memory.", FlagEffect.None),
        Flag.Bool(
            "prefer_tflite_model", static o => o.PreferTfliteModel, static (o, v) => o.PreferTfliteModel = v,
            "EXPERIMENTAL; CAN BE REMOVED ANYTIME! Prefer TensorFlow Lite model from `model.tflite` file in SavedModel directory, instead of the TensorFlow model from `saved_model.pb` file. If no TensorFlow Lite model found, fallback to TensorFlow model."),
        Flag.Int32(
            "num_tflite_pools", static o => o.NumTflitePools, static (o, v) => o.NumTflitePools = v,
            "EXPERIMENTAL; CAN BE REMOVED ANYTIME! Number of TFLite interpreters in an interpreter pool of TfLiteSession. Typically there is one TfLiteSession for each TF Lite model that is loaded. If not set, will be auto set based on number of CPUs.", FlagEffect.None),
        Flag.Int32(
            "num_tflite_interpreters_per_pool", static o => o.NumTfliteInterpretersPerPool, static (o, v) => o.NumTfliteInterpretersPerPool = v,
            "EXPERIMENTAL; CAN BE REMOVED ANYTIME! Number of TFLite interpreters in an interpreter pool of TfLiteSession. Typically there is one TfLiteSession for each TF Lite model that is loaded. If not set, will be 1.", FlagEffect.None),
        Flag.Bool(
            "enable_signature_method_name_check", static o => o.EnableSignatureMethodNameCheck, static (o, v) => o.EnableSignatureMethodNameCheck = v,
            "Enable method_name check for SignatureDef. Disable this if serving native TF2 regression/classification models."),
        Flag.Bool(
            "xla_cpu_compilation_enabled", static o => o.XlaCpuCompilationEnabled, static (o, v) => o.XlaCpuCompilationEnabled = v,
            "EXPERIMENTAL; CAN BE REMOVED ANYTIME! Enable XLA:CPU JIT (default is disabled). With XLA:CPU JIT disabled, models utilizing this feature will return bad Status on first compilation request.", FlagEffect.None),
        Flag.Bool(
            "xla_gpu_compilation_enabled", static o => o.XlaGpuCompilationEnabled, static (o, v) => o.XlaGpuCompilationEnabled = v,
            "EXPERIMENTAL; CAN BE REMOVED ANYTIME! Enable both XLA:CPU JIT and XLA:GPU JIT (default is disabled).", FlagEffect.None),
        Flag.Bool(
            "enable_profiler", static o => o.EnableProfiler, static (o, v) => o.EnableProfiler = v,
            "Enable profiler service."),
        Flag.String(
            "thread_pool_factory_config_file", static o => o.ThreadPoolFactoryConfigFile, static (o, v) => o.ThreadPoolFactoryConfigFile = v,
            "If non-empty, read an ascii ThreadPoolConfig protobuf from the supplied file name."),
        Flag.String(
            "mixed_precision", static o => o.MixedPrecision, static (o, v) => o.MixedPrecision = v,
            "specify mixed_precision mode", FlagEffect.None),
        Flag.Bool(
            "skip_initialize_tpu", static o => o.SkipInitializeTpu, static (o, v) => o.SkipInitializeTpu = v,
            "Whether to skip auto initializing TPU.", FlagEffect.None),
        Flag.Bool(
            "enable_grpc_healthcheck_service", static o => o.EnableGrpcHealthcheckService, static (o, v) => o.EnableGrpcHealthcheckService = v,
            "Enable the standard gRPC healthcheck service."),
        Flag.Bool(
            "enable_serialization_as_tensor_content", static o => o.EnableSerializationAsTensorContent, static (o, v) => o.EnableSerializationAsTensorContent = v,
            "Enable serialization of predict response as tensor content."),

        // Flags of SharpServing.
        Flag.Int32(
            "shutdown_grace_period_seconds", static o => o.ShutdownGracePeriodSeconds, static (o, v) => o.ShutdownGracePeriodSeconds = v,
            "How long the server goes on taking requests after SIGTERM or SIGINT while /readyz and the gRPC health service say that it is not ready. Set it above the time that the load balancer needs to notice. Zero or negative: not at all.", FlagEffect.Own),
        Flag.Int32(
            "shutdown_limit_seconds", static o => o.ShutdownLimitSeconds, static (o, v) => o.ShutdownLimitSeconds = v,
            "How long requests in flight may take once the server takes no more of them; those that are left then are cut off. Zero or negative: not at all.", FlagEffect.Own),
        Flag.String(
            "otlp_endpoint", static o => o.OtlpEndpoint, static (o, v) => o.OtlpEndpoint = v,
            "If non-empty, send metrics and traces to this OpenTelemetry receiver by OTLP over HTTP (protobuf), e.g. http://localhost:4318. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES name this server.", FlagEffect.Own),
        Flag.Float(
            "otlp_trace_sampling_rate", static o => o.OtlpTraceSamplingRate, static (o, v) => o.OtlpTraceSamplingRate = v,
            "Part of the requests without a traceparent of their own that are traced: 0 none, 1 all. Requests with one follow its decision.", FlagEffect.Own),
        Flag.Int32(
            "otlp_metric_interval_seconds", static o => o.OtlpMetricIntervalSeconds, static (o, v) => o.OtlpMetricIntervalSeconds = v,
            "Interval in seconds between two exports of the metrics. At least 1.", FlagEffect.Own),
        Flag.Int64(
            "request_log_file_bytes", static o => o.RequestLogFileBytes, static (o, v) => o.RequestLogFileBytes = v,
            "Size at which a file of a request log (logging_config with the collector type \"tfrecord\") is followed by a new one. At least 1.", FlagEffect.Own),
        Flag.Int32(
            "request_log_max_files", static o => o.RequestLogMaxFiles, static (o, v) => o.RequestLogMaxFiles = v,
            "Files kept for each filename_prefix of a request log; the oldest are deleted. At least 1.", FlagEffect.Own),
        Flag.Int64(
            "request_log_queue_bytes", static o => o.RequestLogQueueBytes, static (o, v) => o.RequestLogQueueBytes = v,
            "Bytes of request log records for one filename_prefix that may wait to be written. Records beyond it are dropped and counted in request_log_count. At least 1.", FlagEffect.Own),
    ];
}
