namespace SharpServing.Server.Logging;

/// <summary>Every line that start-up and configuration log, one method each, with the texts, severities and file names of the original.</summary>
internal readonly struct ServerLog
{
    private const string Server = "server.cc";
    private const string TextFormat = "text_format.cc";
    private const string ModelService = "model_service_impl.cc";

    public ServerLog(ILogSink sink) => Sink = sink;

    public ILogSink Sink { get; }

    /// <summary>The two blanks are the original's.</summary>
    public void SingleModel(string name, string basePath) =>
        Write(LogSeverity.Info, Server, 89, $"Building single TensorFlow model file config:  model_name: {name} model_base_path: {basePath}");

    public void CannotInterpret(string value, string flag) =>
        Write(LogSeverity.Error, "command_line_flags.cc", 47, $"Couldn't interpret value {value} for flag {flag}.");

    public void TextFormatError(string line) => Write(LogSeverity.Error, TextFormat, 447, line);

    public void TextFormatWarning(string line) => Write(LogSeverity.Warning, TextFormat, 461, line);

    public void InsecureCredentials() => Write(LogSeverity.Info, Server, 118, "Using InsecureServerCredentials");

    public void SslCredentials() => Write(LogSeverity.Info, Server, 121, "Using SSL credentials");

    /// <summary>Blanks before gRPC's own lines are gRPC's.</summary>
    public void SslFault(string text) => Write(LogSeverity.Error, "ssl_transport_security.cc", 853, $"       {text}");

    public void NoHandshakers() =>
        Write(LogSeverity.Error, "ssl_security_connector.cc", 247, "       Handshaker factory creation failed with TSI_INVALID_ARGUMENT.");

    public void ProfilerEnabled() => Write(LogSeverity.Info, Server, 383, "Profiler service is enabled");

    /// <summary>People and scripts wait for this line.</summary>
    public void RunningGrpc(int port) => Write(LogSeverity.Info, Server, 423, $"Running gRPC ModelServer at 0.0.0.0:{port} ...");

    public void RunningGrpcSocket(string path) => Write(LogSeverity.Info, Server, 427, $"Running gRPC ModelServer at UNIX socket {path} ...");

    /// <summary>People and scripts wait for this line, too; there is no blank after the colon.</summary>
    public void ExportingRest(int port) => Write(LogSeverity.Info, Server, 444, $"Exporting HTTP/REST API at:localhost:{port} ...");

    public void RestFailed(int port) => Write(LogSeverity.Error, Server, 447, $"Failed to start HTTP Server at localhost:{port}");

    public void SamePorts() => Write(
        LogSeverity.Error, Server, 453, "http_port cannot be same as grpc_port. Please use a different port for HTTP/REST API. Skipped exporting HTTP/REST API.");

    public void ConfigFileUnreadable(string message) =>
        Write(LogSeverity.Error, Server, 187, $"Failed to read ModelServerConfig file: {message}");

    public void ConfigFileNotApplied(string message) =>
        Write(LogSeverity.Error, Server, 195, $"PollFilesystemAndReloadConfig failed to ReloadConfig: {message}");

    public void AddingModels() => Write(LogSeverity.Info, "server_core.cc", 465, "Adding/updating models.");

    public void CustomModelConfig() => Write(LogSeverity.Fatal, Server, 68, "ModelServer does not yet support custom model config.");

    public void NoGrpcThreads() => Write(
        LogSeverity.Error,
        "thread_manager.cc",
        48,
        "               No thread quota available to even create the minimum required polling threads (i.e 1). Unable to start the thread manager");

    public void CheckFailed(string file, int line, string condition) =>
        Write(LogSeverity.Fatal, file, line, $"Check failed: {condition} ");

    public void ReloadEntry(int index, string path, string name, string platform) => Write(
        LogSeverity.Info, ModelService, 47, $"\nConfig entry\n\tindex : {index}\n\tpath : {path}\n\tname : {name}\n\tplatform : {platform}");

    public void ReloadFailed(string message) => Write(LogSeverity.Error, ModelService, 67, $"ReloadConfig failed: {message}");

    public void ReadingModel(string path) => Write(LogSeverity.Info, "reader.cc", 83, $"Reading SavedModel from: {path}");

    public void ReadingMetaGraph(string tags) => Write(LogSeverity.Info, "reader.cc", 52, $"Reading meta graph with tags {{ {tags} }}");

    public void ModelLoadEnded(string tags, string outcome, long micros) =>
        Write(LogSeverity.Info, "loader.cc", 471, $"SavedModel load for tags {{ {tags} }}; Status: {outcome}. Took {micros} microseconds.");

    public void ModelConfigStarted(string path) => Write(LogSeverity.Info, "saved_model_config_util.cc", 66, $"Loading model config from {path}");

    public void ModelConfigEnded(string path, string config) =>
        Write(LogSeverity.Info, "saved_model_config_util.cc", 74, $"Finished loading model config from {path}:{config}");

    public void ModelConfigFailed(ServingStatus status) =>
        Write(LogSeverity.Warning, "saved_model_bundle_factory.cc", 124, $"Failed to load saved model config: {status}");

    public void NoWarmup(string path) => Write(LogSeverity.Info, "saved_model_warmup_util.cc", 80, $"No warmup data file found at {path}");

    public void WarmupStarted(string path) => Write(
        LogSeverity.Info, "saved_model_warmup_util.cc", 98, $"Starting to read warmup data for model at {path} with model-warmup-options ");

    public void WarmupEnded(string path, long records, long micros) => Write(
        LogSeverity.Info,
        "saved_model_warmup_util.cc",
        218,
        $"Finished reading warmup data for model at {path}. Number of warmup records read: {records}. Elapsed time (microseconds): {micros}.");

    // From here on lines of our own.

    public void FlagWithoutEffect(string flag) =>
        Write(LogSeverity.Warning, Server, 0, $"--{flag} is accepted but has no effect in this version of SharpServing.");

    public void NoMixedPrecision(string mode) => Write(
        LogSeverity.Warning, "saved_model_bundle_factory.cc", 0, $"{mode} auto mixed precision is not supported. Valid option: bfloat16");

    public void ChannelArgumentWithoutEffect(string argument) =>
        Write(LogSeverity.Warning, Server, 0, $"--grpc_channel_arguments: {argument} has no effect in this version of SharpServing.");

    public void SessionOverridesWithoutEffect(string path) =>
        Write(LogSeverity.Warning, Server, 0, $"session_overrides of {path} have no effect in SharpServing: the ops that they rewrite are not built, and it has no meta optimizer.");

    public void SocketsTransport(string variable) => Write(LogSeverity.Info, Server, 0, $"Connections use Kestrel's socket transport ({variable}=sockets).");

    public void UnknownTransport(string variable, string value) =>
        Write(LogSeverity.Warning, Server, 0, $"{variable}={value} is not known and has no effect; it may be \"sockets\".");

    public void Stopping(string signal) => Write(LogSeverity.Info, Server, 0, $"{signal}: finishing the requests in flight, then stopping.");

    public void StoppingNow(string signal) => Write(LogSeverity.Info, Server, 0, $"{signal} again: stopping at once.");

    public void GracePeriod(long seconds) =>
        Write(LogSeverity.Info, Server, 0, $"Not ready any more; requests are still taken for {seconds} s (--shutdown_grace_period_seconds).");

    public void RequestLogFailed(string prefix, string message) =>
        Write(LogSeverity.Error, Server, 0, $"A record of the request log {prefix} could not be written: {message}");

    public void StoppedWithRequests() => Write(LogSeverity.Warning, Server, 0, "Stopped while requests were still in flight.");

    private void Write(LogSeverity severity, string file, int line, string text) => Sink.Write(severity, file, line, text);
}
