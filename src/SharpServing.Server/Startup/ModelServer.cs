using SharpServing.Server.Configuration;
using SharpServing.Server.Hosting;
using SharpServing.Server.Logging;
using SharpServing.Server.Monitoring;
using SharpServing.Server.RequestLogging;
using SharpServing.Server.Telemetry;
using SharpServing.Serving;
using Tensorflow.Serving;

namespace SharpServing.Server.Startup;

/// <summary>
/// The server program: command line, models, front ends, in the original's order; then serves until it is told to stop.
/// </summary>
/// <remarks>Source of order and texts: tensorflow_serving/model_servers/main.cc, server.cc.</remarks>
public sealed class ModelServer
{
    private const int WaitingThreads = 64;
    private const string DefaultMetricsPath = "/monitoring/prometheus/metrics";

    private readonly ModelServerOptions _options;
    private readonly ServingMetrics _metrics = new();
    private readonly ModelServerEnvironment _environment;
    private readonly ServerLog _log;
    private readonly CancellationToken _stop;
    private readonly ServerShutdown _shutdown;

    private ModelServer(ModelServerOptions options, ModelServerEnvironment environment, StopSignals signals)
    {
        _options = options;
        _environment = environment;
        _log = new ServerLog(environment.Log);
        _stop = signals.Stop;
        _shutdown = new ServerShutdown(options, signals, environment.Time, _log);
    }

    /// <summary>Runs until SIGTERM or SIGINT, or until <paramref name="stop"/>.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="environment">Terminal, clock, what reads models.</param>
    /// <param name="stop">Stops like a signal.</param>
    /// <returns>Exit status, one of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, ModelServerEnvironment environment, CancellationToken stop = default)
    {
        var log = new ServerLog(environment.Log);
        CommandLine line = CommandLine.Parse(arguments, log);
        if (!line.IsValid)
        {
            await environment.Output.WriteAsync(CommandLine.Usage(environment.ProgramName, environment.ShowOwnFlags).AsMemory(), stop);
            return ExitCodes.StartFailed;
        }

        if (line.Options.Version)
        {
            await environment.Output.WriteAsync(
                $"TensorFlow ModelServer: {environment.Version}\nTensorFlow Library: {environment.Version}\n".AsMemory(), stop);
            return ExitCodes.Success;
        }

        if (line.Unknown.Count > 0)
        {
            await environment.Output.WriteAsync(
                $"unknown argument: {line.Unknown[0]}\n{CommandLine.Usage(environment.ProgramName, environment.ShowOwnFlags)}".AsMemory(), stop);
        }

        foreach (Flag flag in line.Given)
        {
            if (flag.Effect == FlagEffect.None)
            {
                log.FlagWithoutEffect(flag.Name);
            }
        }

        using var signals = new StopSignals(log, stop);
        return await new ModelServer(line.Options, environment, signals).RunAsync();
    }

    // gRPC's own server removes the socket that an earlier process left behind.
    private static void RemoveStaleSocket(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                File.OpenHandle(path).Dispose();
            }
        }
        catch (IOException)
        {
            File.Delete(path);      // a socket cannot be opened as a file
        }
    }

    private async Task<int> RunAsync()
    {
        // 1–3. Flags and files.
        ServingStatus status = StartupPlan.Make(_options, _environment, _metrics, _log, out StartupPlan? plan);
        if (!status.IsOk)
        {
            return await FailAsync(status);
        }

        if (plan!.IsCustomConfig)
        {
            _log.AddingModels();
            _log.CustomModelConfig();
            return ExitCodes.Aborted;
        }

        if (_options.EnableBatching)
        {
            // Requests wait for their batch on threads of the pool.
            ThreadPool.GetMinThreads(out int workers, out int completions);
            ThreadPool.SetMinThreads(Math.Max(workers, WaitingThreads), completions);
        }

        using IDisposable? telemetry = StartupPlan.TelemetryOf(_options, _environment.Version) is { } export ? new TelemetryExport(export, _metrics) : null;
        await using var logs = new RequestLogs(plan.RequestLogLimits, StartupPlan.TagsOf(_options), _metrics, _environment.Time, _log);
        var core = new ServerCore(CoreOptions(plan, logs));
        try
        {
            return await ServeAsync(core, plan, logs);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return ExitCodes.Success;       // told to stop while it waited for a model
        }
        finally
        {
            await _shutdown.UnloadAsync(() =>
            {
                core.Dispose();
                plan.Dispose();
            });
        }
    }

    private ServerCoreOptions CoreOptions(StartupPlan plan, RequestLogs logs) => new()
    {
        Platforms = plan.Platforms,
        FileSystemPollWaitSeconds = _options.FileSystemPollWaitSeconds,
        AllowVersionLabelsForUnavailableModels = _options.AllowVersionLabelsForUnavailableModels,
        ApplyRequestLogs = logs.Apply,
        FlushFilesystemCaches = _options.FlushFilesystemCaches,
        Manager = new AspiredVersionsManagerOptions
        {
            NumLoadThreads = _options.NumLoadThreads,
            NumUnloadThreads = _options.NumUnloadThreads,
            MaxNumLoadRetries = _options.MaxNumLoadRetries,
            LoadRetryIntervalMicros = _options.LoadRetryIntervalMicros,
            AfterUnload = static _ => MemoryReclaimer.Reclaim(),
            Time = _environment.Time,
            Log = _environment.Log,
        },
    };

    private async Task<int> ServeAsync(ServerCore core, StartupPlan plan, RequestLogs logs)
    {
        // 4. Models. The ports open when each has a version, so that an open port means ready.
        ServingStatus status = ServingStatus.Ok;
        if (plan.Models is { } models)
        {
            status = await core.ReloadConfigAsync(models, _stop);
        }
        else
        {
            core.IgnoreEmptyConfig();
        }

        if (!status.IsOk)
        {
            return await FailAsync(status);
        }

        // 5. The configuration file, again and again.
        await using ModelConfigFilePoller? poller = _options is { ModelConfigFilePollWaitSeconds: > 0, ModelConfigFile.Length: > 0 }
            ? new ModelConfigFilePoller(
                _options.ModelConfigFile, TimeSpan.FromSeconds(_options.ModelConfigFilePollWaitSeconds), core, _environment.Time, _log)
            : null;

        // 6. What gRPC needs.
        status = StartupPlan.CheckThreadPoolFactory(_options, _log);
        if (!status.IsOk)
        {
            return await FailAsync(status);
        }

        if (!ListenerCredentials.TryRead(_options.SslConfigFile, _log, out ListenerCredentials? credentials))
        {
            return ExitCodes.Aborted;
        }

        using ListenerCredentials owned = credentials!;
        using var loggers = new SinkLoggerFactory(_environment.Log);
        await using var host = new ServerHost(HostOptions(credentials!, logs), core, new ModelConfigReloader(core, _log), loggers);
        int? failed = await StartGrpcAsync(host, credentials!) ?? await StartRestAsync(host);
        if (failed is { } code)
        {
            return code;
        }

        _environment.Started?.Invoke(host);
        await _shutdown.RunAsync(host);
        return ExitCodes.Success;
    }

    private ServerHostOptions HostOptions(ListenerCredentials credentials, RequestLogs logs) => new()
    {
        // The original hands the number to the system, which looks at the low 16 bits.
        GrpcPort = _options.Port == 0 ? null : _options.Port & 0xFFFF,
        GrpcSocketPath = _options.GrpcSocketPath,
        GrpcTls = credentials.Tls,
        GrpcMaxThreads = _options is { LimitGrpcThreads: true, GrpcMaxThreads: > 0 } ? _options.GrpcMaxThreads : null,
        GrpcConnections = GrpcChannelArguments.Parse(_options.GrpcChannelArguments, _log),
        RestPort = _options.RestApiPort == 0 ? null : _options.RestApiPort & 0xFFFF,
        RestTimeout = TimeSpan.FromMilliseconds(Math.Max(_options.RestApiTimeoutInMs, 0)),
        RestCors = _options.RestApiEnableCorsSupport,
        HealthService = _options.EnableGrpcHealthcheckService,
        TensorContent = _options.EnableSerializationAsTensorContent,
        CheckMethodNames = _options.EnableSignatureMethodNameCheck,
        Pages = _environment.Pages,
        Metrics = _metrics,
        RequestLogs = logs,
        Transport = ChooseTransport(),
    };

    private Transport ChooseTransport()
    {
        switch (_environment.Transport)
        {
            case null or "":
                return Transport.Default;
            case "sockets":
                _log.SocketsTransport(ModelServerEnvironment.TransportVariable);
                return Transport.Sockets;
            case string other:
                _log.UnknownTransport(ModelServerEnvironment.TransportVariable, other);
                return Transport.Default;
        }
    }

    private async Task<int?> StartGrpcAsync(ServerHost host, ListenerCredentials credentials)
    {
        bool hasSocket = _options.GrpcSocketPath.Length > 0;
        if (_options.Port != 0)
        {
            credentials.LogKind(_log);
        }

        if (hasSocket)
        {
            credentials.LogKind(_log);
            RemoveStaleSocket(_options.GrpcSocketPath);
        }

        if (_options.EnableProfiler)
        {
            _log.ProfilerEnabled();
        }

        ServingStatus status = credentials.CheckUsable(_log);
        if (!status.IsOk)
        {
            return await FailAsync(status);
        }

        if (_options.GrpcMaxThreads == 0)
        {
            _log.NoGrpcThreads();
            return ExitCodes.Aborted;
        }

        status = await host.StartGrpcAsync(_stop);
        if (!status.IsOk)
        {
            return await FailAsync(status);
        }

        if (_options.Port != 0)
        {
            _log.RunningGrpc(_options.Port);
        }

        if (hasSocket)
        {
            _log.RunningGrpcSocket(_options.GrpcSocketPath);
        }

        return null;
    }

    // REST is a help beside gRPC: most of its failures leave gRPC running.
    private async Task<int?> StartRestAsync(ServerHost host)
    {
        if (_options.RestApiPort == 0)
        {
            return null;
        }

        if (_options.RestApiPort == _options.Port)
        {
            _log.SamePorts();
            return null;
        }

        var monitoring = new MonitoringConfig();
        if (_options.MonitoringConfigFile.Length > 0 && !TextProtoFile.Read(_options.MonitoringConfigFile, monitoring, _log).IsOk)
        {
            return null;
        }

        if (_options.RestApiNumThreads < 1)
        {
            _log.CheckFailed("threadpool.cc", 96, $"num_threads >= 1 ({_options.RestApiNumThreads} vs. 1)");
            return ExitCodes.Aborted;
        }

        ServingStatus status = await host.StartRestAsync(MetricsPath(monitoring), _stop);
        if (status.IsOk)
        {
            _log.ExportingRest(_options.RestApiPort);
            (_environment.Log as StderrLogSink)?.WriteRaw("[evhttp_server.cc : 261] NET_LOG: Entering the event loop ...");
        }
        else
        {
            _log.RestFailed(_options.RestApiPort);
        }

        return null;
    }

    private static string? MetricsPath(MonitoringConfig config) =>
        config.PrometheusConfig is not { Enable: true } page ? null : page.Path.Length > 0 ? page.Path : DefaultMetricsPath;

    private async Task<int> FailAsync(ServingStatus status)
    {
        await _environment.Output.WriteAsync($"Failed to start server. Error: {status}\n");
        return ExitCodes.StartFailed;
    }
}
