using SharpServing.Server.RequestLogging;

namespace SharpServing.Server.Configuration;

/// <summary>Values of the command line, one property a flag, under the flags' names. Units and meanings: <see cref="ModelServerFlags"/>.</summary>
public sealed class ModelServerOptions
{
    public int Port { get; set; } = 8500;

    public string GrpcSocketPath { get; set; } = "";

    public int RestApiPort { get; set; }

    public int RestApiNumThreads { get; set; } = 4 * Environment.ProcessorCount;

    public int RestApiTimeoutInMs { get; set; } = 30_000;

    public bool RestApiEnableCorsSupport { get; set; }

    public bool EnableBatching { get; set; }

    public bool AllowVersionLabelsForUnavailableModels { get; set; }

    public string BatchingParametersFile { get; set; } = "";

    public bool EnablePerModelBatchingParameters { get; set; }

    public string ModelConfigFile { get; set; } = "";

    public int ModelConfigFilePollWaitSeconds { get; set; }

    public string ModelName { get; set; } = "default";

    public string ModelBasePath { get; set; } = "";

    public int NumLoadThreads { get; set; }

    public int NumUnloadThreads { get; set; }

    public int MaxNumLoadRetries { get; set; } = 5;

    public long LoadRetryIntervalMicros { get; set; } = 60_000_000;

    public int FileSystemPollWaitSeconds { get; set; } = 1;

    public bool FlushFilesystemCaches { get; set; } = true;

    public long TensorflowSessionParallelism { get; set; }

    public string TensorflowSessionConfigFile { get; set; } = "";

    public long TensorflowIntraOpParallelism { get; set; }

    public long TensorflowInterOpParallelism { get; set; }

    public bool UseAltsCredentials { get; set; }

    public string SslConfigFile { get; set; } = "";

    public string PlatformConfigFile { get; set; } = "";

    public float PerProcessGpuMemoryFraction { get; set; }

    public string SavedModelTags { get; set; } = "serve";

    public string GrpcChannelArguments { get; set; } = "";

    public int GrpcMaxThreads { get; set; } = 4 * Environment.ProcessorCount;

    /// <summary>
    /// <see cref="GrpcMaxThreads"/> was given. The default limits nothing here: calls that wait take no thread, and a server that refuses more
    /// than seven calls at a time on a small machine is of little use.
    /// </summary>
    public bool LimitGrpcThreads { get; set; }

    public bool EnableModelWarmup { get; set; } = true;

    public int NumRequestIterationsForWarmup { get; set; }

    public bool Version { get; set; }

    public string MonitoringConfigFile { get; set; } = "";

    public bool RemoveUnusedFieldsFromBundleMetagraph { get; set; } = true;

    public bool PreferTfliteModel { get; set; }

    public int NumTflitePools { get; set; } = Environment.ProcessorCount;

    public int NumTfliteInterpretersPerPool { get; set; } = 1;

    public bool EnableSignatureMethodNameCheck { get; set; }

    public bool XlaCpuCompilationEnabled { get; set; }

    public bool XlaGpuCompilationEnabled { get; set; }

    public bool EnableProfiler { get; set; } = true;

    public string ThreadPoolFactoryConfigFile { get; set; } = "";

    public string MixedPrecision { get; set; } = "";

    public bool SkipInitializeTpu { get; set; }

    public bool EnableGrpcHealthcheckService { get; set; }

    public bool EnableSerializationAsTensorContent { get; set; }

    /// <summary>
    /// Default 0: the original stops at once, too, and where no load balancer asks, a wait only delays the stop.
    /// </summary>
    public int ShutdownGracePeriodSeconds { get; set; }

    /// <summary>Default 8: within docker's 10 seconds between SIGTERM and SIGKILL.</summary>
    public int ShutdownLimitSeconds { get; set; } = 8;

    public string OtlpEndpoint { get; set; } = "";

    public float OtlpTraceSamplingRate { get; set; } = 1;

    public int OtlpMetricIntervalSeconds { get; set; } = 60;

    public long RequestLogFileBytes { get; set; } = new RequestLogLimits().FileBytes;

    public int RequestLogMaxFiles { get; set; } = new RequestLogLimits().MaxFiles;

    public long RequestLogQueueBytes { get; set; } = new RequestLogLimits().QueueBytes;
}
