using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf;
using SharpServing.Server.Logging;
using SharpServing.Server.Startup;
using SharpServing.Server.Tests.Support;
using SharpServing.Server.Tests.Transcripts;
using SharpServing.TestSupport;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>
/// Plays a recorded scenario (golden/tfs_transcripts/README.md) against the real server in this process, on free ports, with
/// <c>/models</c> and <c>/config</c> in a temporary folder, and collects what differs from the recording.
/// </summary>
internal sealed partial class ScenarioRunner : IAsyncDisposable
{
    private const int Speed = 4;
    private const string GrpcPort = "8500";
    private const string RestPort = "8501";
    private const string SocketFlag = "--grpc_socket_path=";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // TensorFlow's own lines are no part of the contract.
    private static readonly string[] ContractFiles =
    [
        "server.cc]", "server_core.cc]", "main.cc]", "basic_manager.cc]", "loader_harness.cc]", "retrier.cc]", "aspired_versions_manager.cc]",
        "file_system_storage_path_source.cc]", "ssl_security_connector.cc]", "ssl_transport_security.cc]", "model_service_impl.cc]", "text_format.cc]", "command_line_flags.cc]",
    ];

    private readonly string _root = Directory.CreateTempSubdirectory("scenario-").FullName;
    private readonly FastTimeProvider _time = new(Speed);
    private readonly Lazy<ScenarioTls> _tls = new();
    private readonly List<string> _differences = [];
    private readonly int _grpcPort = FreePort();
    private readonly int _restPort = FreePort();
    private RecordingLog _log = new();
    private StringWriter _output = new();
    private CancellationTokenSource _stop = new();
    private Task<int>? _server;
    private GrpcTestClient? _grpc;
    private ScenarioLoad? _load;
    private ScenarioConnection? _kept;
    private Task<string?>? _background;
    private int _compared;

    public ScenarioRunner()
    {
        Directory.CreateDirectory(_root + "/models");
        Directory.CreateDirectory(_root + "/config");
    }

    /// <summary>What differed; empty when all was the same.</summary>
    public IReadOnlyList<string> Differences => _differences;

    /// <summary>How many things were compared.</summary>
    public int Compared => _compared;

    public async Task RunAsync(JsonElement scenario)
    {
        JsonElement[] steps = [.. scenario.GetProperty("steps").EnumerateArray()];
        bool underLoad = Array.Exists(steps, step => Has(step, "under_load", out _));
        for (int i = 0; i < steps.Length; i++)
        {
            if (Has(steps[i], "background", out _) || Has(steps[i], "background_rest", out _))
            {
                _background = StartBackground(steps[(i + 1)..]);
                continue;
            }

            await StepAsync(steps[i]);
            if (underLoad && Has(steps[i], "start", out _))
            {
                _load = new ScenarioLoad(_restPort, _grpcPort);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_load is not null)
        {
            await _load.DisposeAsync();
        }

        await _stop.CancelAsync();
        if (_server is not null)
        {
            await _server.WaitAsync(Patience, CancellationToken.None);
        }

        if (_tls.IsValueCreated)
        {
            _tls.Value.Dispose();
        }

        _kept?.Dispose();
        _grpc?.Dispose();
        _stop.Dispose();
        await _output.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static string ModelFolder(string name)
    {
        foreach (string folder in new[] { "golden/tfs_transcripts/models", "models", "golden/models" })
        {
            string path = SharedData.PathOf(folder, name);
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        throw new DirectoryNotFoundException(name);
    }

    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        }

        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            File.WriteAllBytes(copy, File.ReadAllBytes(file));
        }
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Of a long file only length and hash are recorded: it is one record many times.</summary>
    private static byte[] WarmupRecords(JsonElement step)
    {
        byte[] record = Convert.FromBase64String(
            "PgAAAAAAAADZ0kDnMjwKOgofCgh3aGF0ZXZlchICCE0aD3NlcnZpbmdfZGVmYXVsdBIXCgF4EhIIARIEEgIIAioIAACAPwAAAEACwNJT");
        byte[] bytes = [.. Enumerable.Repeat(record, step.GetProperty("length").GetInt32() / record.Length).SelectMany(copy => copy)];
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)).ShouldBe(step.GetProperty("sha256").GetString());
        return bytes;
    }

    // Paths are longer here than in the recording, so columns behind them differ; how often something was tried again is a matter of time.
    private static string WithoutColumn(string line) =>
        line.Contains("text-format", StringComparison.Ordinal) ? Column().Replace(line, "1:#") : RetryNumber().Replace(line, " retry: #");

    [GeneratedRegex(" retry: [0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RetryNumber();

    [GeneratedRegex("[0-9]+:[0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Column();

    private static bool Has(JsonElement step, string name, out JsonElement value) => step.TryGetProperty(name, out value);

    private async Task StepAsync(JsonElement step)
    {
        if (Has(step, "write", out JsonElement path))
        {
            string file = Place(path.GetString()!);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            byte[] bytes = Has(step, "text", out JsonElement text) ? Encoding.UTF8.GetBytes(PlaceContent(text.GetString()!))
                : Has(step, "b64", out JsonElement content) ? content.GetBytesFromBase64()
                : WarmupRecords(step);
            await File.WriteAllBytesAsync(file, bytes, CancellationToken.None);
        }
        else if (Has(step, "copy_model", out JsonElement model))
        {
            Copy(ModelFolder(model.GetString()!), Place(step.GetProperty("to").GetString()!));
        }
        else if (Has(step, "copy_version", out JsonElement version))
        {
            // Moved into place whole: the poll of this server is quicker than a copy.
            string staged = Path.Combine(_root, "staged");
            string[] parts = version.GetString()!.Split('/');
            Copy(Path.Combine(ModelFolder(parts[0]), parts[1]), staged);
            string to = Place(step.GetProperty("to").GetString()!);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            if (Directory.Exists(to))
            {
                Copy(staged, to);
                Directory.Delete(staged, recursive: true);
            }
            else
            {
                Directory.Move(staged, to);
            }
        }
        else if (Has(step, "mkdir", out JsonElement folder))
        {
            Directory.CreateDirectory(Place(folder.GetString()!));
        }
        else if (Has(step, "remove", out JsonElement gone))
        {
            string target = Place(gone.GetString()!);
            if (Directory.Exists(target))
            {
                Directory.Delete(target, recursive: true);
            }
            else
            {
                File.Delete(target);
            }
        }
        else if (Has(step, "rename", out JsonElement names))
        {
            Directory.Move(Place(names[0].GetString()!), Place(names[1].GetString()!));
        }
        else if (Has(step, "symlink", out JsonElement link))
        {
            Directory.CreateSymbolicLink(Place(link[1].GetString()!), Place(link[0].GetString()!));
        }
        else if (Has(step, "start", out JsonElement flags))
        {
            await StartAsync(step, flags);
        }
        else if (Has(step, "sleep", out JsonElement seconds))
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds.GetDouble()), _time, CancellationToken.None);
        }
        else if (Has(step, "wait_log", out JsonElement awaited))
        {
            Note(SpinWait.SpinUntil(() => Log().Any(line => line.Contains(awaited.GetString()!, StringComparison.Ordinal)), Patience)
                ? null
                : $"never logged {awaited}");
        }
        else if (Has(step, "poll_status", out JsonElement stream))
        {
            await PollAsync(step, stream.GetString()!);
        }
        else if (Has(step, "rest", out JsonElement rest))
        {
            Note(Attempt(() => ScenarioHttp.Compare(rest, _restPort, Unplace)), rest.GetProperty("request").GetProperty("target").ToString());
        }
        else if (Has(step, "grpc", out JsonElement grpc))
        {
            using GrpcTestClient? own = Has(step, "client", out JsonElement client)
                ? _tls.Value.Connect(client.GetString()!, _grpcPort, $"{_root}/config/s.sock")
                : null;
            Note(await CompareAsync(grpc, own), own is null ? grpc.GetProperty("method").GetString()! : client.GetString()!);
        }
        else if (Has(step, "stop", out _) || Has(step, "exited_by_itself", out _))
        {
            await EndAsync(step);
        }
        else if (Has(step, "metrics", out JsonElement metrics))
        {
            Note(Attempt(() => ScenarioMetrics.Compare(metrics, _restPort, Unplace)), "metrics");
        }
        else if (Has(step, "metrics_lines", out JsonElement samples))
        {
            Note(Attempt(() => ScenarioMetrics.Compare([.. samples.EnumerateArray().Select(line => line.GetString()!)], _restPort, Unplace)), "metrics");
        }
        else if (Has(step, "parallel", out JsonElement calls))
        {
            await ParallelAsync(step, calls);
        }
        else if (Has(step, "background_answer", out _) || Has(step, "background_rest_answer", out _))
        {
            Note(await _background!, "in the background");
        }
        else if (Has(step, "under_load", out _))
        {
            string[] recorded = [.. step.GetProperty("different_answers").EnumerateArray().Select(answer => answer.GetString()!)];
            string[] seen = _load!.TakeAnswers();
            Note(seen.Length > 0 && !seen.Except(recorded).Any() ? null : $"answers {string.Join(" | ", seen)}, recorded {string.Join(" | ", recorded)}");
        }
        else if (Has(step, "alive", out _))
        {
            Note(_server is { IsCompleted: false } ? null : "the server has ended");
        }
        else if (Has(step, "socket_exists_while_running", out _))
        {
            Note(File.Exists($"{_root}/config/s.sock") ? null : "no socket file");
        }
        else if (Has(step, "keep_alive", out JsonElement answers))
        {
            _kept = new ScenarioConnection(_restPort);
            foreach (JsonElement answer in answers.EnumerateArray())
            {
                Note(_kept.Compare("/v1/models/default", answer));
            }
        }
        else if (Has(step, "idle_connection", out _))
        {
            await Task.Delay(TimeSpan.FromSeconds(Speed), _time, CancellationToken.None);
            Note(_kept!.IsOpen ? null : "the connection was closed");
        }
        else if (!Has(step, "note", out _))
        {
            throw new NotSupportedException($"Step {step}");
        }
    }

    /// <summary>The request is recorded where its answer is awaited.</summary>
    private Task<string?> StartBackground(JsonElement[] later)
    {
        foreach (JsonElement step in later)
        {
            if (Has(step, "background_answer", out JsonElement grpc))
            {
                int before = Log().Count;
                Task<string?> call = CompareAsync(grpc);
                SpinWait.SpinUntil(() => Log().Skip(before).Any(line => line.Contains("(Re-)adding model", StringComparison.Ordinal)), Patience);
                return call;
            }

            if (Has(step, "background_rest_answer", out JsonElement rest))
            {
                return Task.Run(() => Attempt(() => ScenarioHttp.Compare(rest, _restPort, Unplace)), CancellationToken.None);
            }
        }

        throw new NotSupportedException("A request in the background that is never answered.");
    }

    private async Task ParallelAsync(JsonElement step, JsonElement calls)
    {
        TimeSpan stagger = TimeSpan.FromSeconds(Has(step, "stagger_s", out JsonElement seconds) ? seconds.GetDouble() : 0);
        var running = new List<Task<string?>>();
        foreach (JsonElement call in calls.EnumerateArray())
        {
            running.Add(Has(call, "method", out _)
                ? CompareAsync(call)
                : Task.Run(() => Attempt(() => ScenarioHttp.Compare(call, _restPort, Unplace)), CancellationToken.None));
            await Task.Delay(stagger, _time, CancellationToken.None);
        }

        foreach (Task<string?> call in running)
        {
            Note(await call, "in parallel");
        }
    }

    private async Task StartAsync(JsonElement step, JsonElement flags)
    {
        _log = new RecordingLog(Has(step, "env", out JsonElement env)
            ? StderrLogSink.ParseLevel(env.GetProperty("TF_CPP_MIN_LOG_LEVEL").GetString())
            : LogSeverity.Info);
        _output = new StringWriter();
        _stop = new CancellationTokenSource();
        string[] arguments =
        [
            .. flags.EnumerateArray().Select(flag => Place(flag.GetString()!)).Select(flag => flag.Replace(" ", "", StringComparison.Ordinal) switch
            {
                $"--port={GrpcPort}" => flag.Replace(GrpcPort, Text(_grpcPort), StringComparison.Ordinal),
                $"--rest_api_port={RestPort}" => flag.Replace(RestPort, Text(_restPort), StringComparison.Ordinal),
                _ => flag,
            }),
        ];
        _grpc?.Dispose();
        _grpc = arguments.Contains("--port=0")
            ? new GrpcTestClient(Array.Find(arguments, argument => argument.StartsWith(SocketFlag, StringComparison.Ordinal))![SocketFlag.Length..])
            : new GrpcTestClient(_grpcPort);
        _server = ModelServer.RunAsync(
            arguments,
            new ModelServerEnvironment { Output = TextWriter.Synchronized(_output), Log = _log, OpenSavedModel = ScenarioModels.Open, Time = _time },
            _stop.Token);
        if (Has(step, "exit_code", out _))
        {
            await EndAsync(step);
            return;
        }

        bool hasRest = arguments.Any(argument => argument.StartsWith("--rest_api_port=", StringComparison.Ordinal));
        string awaited = hasRest ? "Exporting HTTP/REST API" : "Running gRPC ModelServer";
        bool IsReady() => Log().Any(line => line.Contains(awaited, StringComparison.Ordinal));
        bool expected = Has(step, "ready", out JsonElement ready) && ready.GetBoolean();
        if (expected)
        {
            SpinWait.SpinUntil(() => IsReady() || _server.IsCompleted, Patience);
            Note(IsReady() ? null : $"not ready: {_output} {string.Join('\n', Log())}");
        }
        else if (Has(step, "still_waiting_after_s", out JsonElement seconds))
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(seconds.GetDouble(), Speed)), _time, CancellationToken.None);
            Note(IsReady() ? "ready, recorded as waiting" : null);
        }
    }

    private async Task EndAsync(JsonElement step)
    {
        if (Has(step, "stop", out _))
        {
            await _stop.CancelAsync();
        }

        Task<int> server = _server ?? throw new InvalidOperationException("nothing was started");
        TimeSpan patience = step.GetProperty("exit_code").ToString() == "signal SIGABRT" ? Patience / 5 : Patience;
        if (!server.IsCompleted && await Task.WhenAny(server, Task.Delay(patience, TimeProvider.System, CancellationToken.None)) != server)
        {
            Note("did not end");
            return;
        }

        int code = await server;
        string? wanted = step.GetProperty("exit_code").ToString();
        Note(wanted switch
        {
            "signal SIGTERM" or "signal SIGINT" or "signal SIGHUP" => code == ExitCodes.Success ? null : $"exit {code} after a signal",
            "signal SIGABRT" => code == ExitCodes.Aborted ? null : $"exit {code}, recorded {wanted}",
            _ => code.ToString(System.Globalization.CultureInfo.InvariantCulture) == wanted ? null : $"exit {code}, recorded {wanted}",
        });

        string output = Unplace(_output.ToString());
        foreach (JsonElement line in step.GetProperty("stdout").EnumerateArray())
        {
            string text = line.GetString()!;
            if (!text.Contains("… usage …", StringComparison.Ordinal) && !text.StartsWith("TensorFlow ", StringComparison.Ordinal)
                && !text.StartsWith('\t'))
            {
                string kept = text.Split(" in binary running on")[0].Split("goo.gle/debug")[0];
                Note(output.Contains(kept, StringComparison.Ordinal) ? null : $"no output {text}, but {output}");
            }
        }

        IReadOnlyList<string> log = Log();
        foreach (JsonElement line in step.GetProperty("stderr").EnumerateArray())
        {
            string text = line.GetString()!.Split(" in binary running on")[0].Split("SSL_ERROR_SSL: ")[0];
            if (ContractFiles.Any(file => text.Contains(' ' + file, StringComparison.Ordinal)) && !text.StartsWith('F'))
            {
                text = WithoutColumn(text);
                Note(log.Any(have => WithoutColumn(have).StartsWith(text, StringComparison.Ordinal)) ? null : $"no log line {text}");
            }
        }

        _server = null;
    }

    private async Task PollAsync(JsonElement step, string stream)
    {
        bool reached = step.GetProperty("reached").GetBoolean();
        string got = "";
        bool Is()
        {
            using JsonDocument status = JsonDocument.Parse(ScenarioHttp.Get(_restPort, $"/v1/models/{stream}").Body);
            got = status.RootElement.ToString();
            var states = new Dictionary<string, string>();
            if (status.RootElement.TryGetProperty("model_version_status", out JsonElement versions))
            {
                foreach (JsonElement version in versions.EnumerateArray())
                {
                    states[version.GetProperty("version").GetString()!] = version.GetProperty("state").GetString()!;
                }
            }

            return step.GetProperty("until").EnumerateObject().All(pair => states.TryGetValue(pair.Name, out string? state) && state == pair.Value.GetString());
        }

        if (!reached)
        {
            await Task.Delay(TimeSpan.FromSeconds(3), _time, CancellationToken.None);
            Note(Attempt(() => Is() ? $"reached {step.GetProperty("until")}, recorded as never" : null));
            return;
        }

        Note(Attempt(() => SpinWait.SpinUntil(Is, Patience) ? null : $"never reached {step.GetProperty("until")}: {got}"));
    }

    private async Task<string?> CompareAsync(JsonElement exchange, GrpcTestClient? client = null)
    {
        if (_server is null || _server.IsCompleted)
        {
            return "the server does not run";
        }

        JsonElement expected = exchange.GetProperty("status");
        string method = exchange.GetProperty("method").GetString()!;
        byte[] request = exchange.GetProperty("request").GetProperty("b64").GetBytesFromBase64();
        bool isReload = method.EndsWith("/HandleReloadConfigRequest", StringComparison.Ordinal);
        if (isReload)
        {
            ReloadConfigRequest reload = ReloadConfigRequest.Parser.ParseFrom(request);
            foreach (ModelConfig model in reload.Config?.ModelConfigList?.Config ?? [])
            {
                model.BasePath = Place(model.BasePath);
            }

            request = reload.ToByteArray();
        }

        GrpcAnswer answer;
        try
        {
            answer = Has(exchange, "timeout_s", out JsonElement seconds)
                ? await (client ?? _grpc!).CallRawAsync(method, GrpcTestClient.Frame(request), ("grpc-timeout", $"{(int)(seconds.GetDouble() * 1000)}m"))
                : await (client ?? _grpc!).CallRawAsync(method, GrpcTestClient.Frame(request));
        }
        catch (HttpRequestException exception)
        {
            return expected.GetProperty("code").GetString() == "UNAVAILABLE" ? null : exception.Message;
        }

        string message = Has(expected, "message", out JsonElement text) ? text.GetString()! : "";
        string code = expected.GetProperty("code").GetString()!;
        if (code == "DEADLINE_EXCEEDED" && message == "(deadline of the client)")
        {
            return answer.Status.Code == StatusCode.DeadlineExceeded ? null : $"{answer.Status}, recorded {code}";
        }

        if (answer.Status.Code.ToName() != code || Comparison.Loose(Unplace(answer.Status.Message)) != Comparison.Loose(message))
        {
            return $"{Unplace(answer.Status.ToString())}, recorded {code}: {message}";
        }

        if (code != "OK")
        {
            return null;
        }

        byte[] wanted = exchange.GetProperty("response").GetProperty("b64").GetBytesFromBase64();
        bool same = method.EndsWith("/Predict", StringComparison.Ordinal)
            ? PredictResponse.Parser.ParseFrom(answer.Message).Equals(PredictResponse.Parser.ParseFrom(wanted))
            : isReload || Comparison.SameMessage(wanted, answer.Message);
        return same ? null : "another response";
    }

    private static string? Attempt(Func<string?> compare)
    {
        try
        {
            return compare();
        }
        catch (Exception exception) when (exception is SocketException or JsonException or ArgumentException)
        {
            return exception.Message;
        }
    }

    private void Note(string? difference, string about = "")
    {
        _compared++;
        if (difference is not null)
        {
            _differences.Add(about.Length == 0 ? difference : $"{about}: {difference}");
        }
    }

    private IReadOnlyList<string> Log() => [.. _log.Lines.Select(Unplace)];

    private string Place(string text) => text
        .Replace("/config/", $"{_root}/\u0001/", StringComparison.Ordinal)       // a file there may be called models.config
        .Replace("\u0001/models", "\u0001/\u0002", StringComparison.Ordinal)
        .Replace("/models", $"{_root}/models", StringComparison.Ordinal)
        .Replace('\u0001'.ToString(), "config", StringComparison.Ordinal)
        .Replace('\u0002'.ToString(), "models", StringComparison.Ordinal);

    /// <summary>The path of the metrics page is none of a file.</summary>
    private string PlaceContent(string text) =>
        text.Contains("prometheus_config", StringComparison.Ordinal) ? text : text.Contains('$', StringComparison.Ordinal) ? _tls.Value.Fill(text) : Place(text);

    private string Unplace(string text) => Encoding.UTF8.GetString(StatusText.ToBytes(text))
        .Replace(_root, "", StringComparison.Ordinal)
        .Replace($"running on {Environment.MachineName}.", "running on <host>.", StringComparison.Ordinal)
        .Replace($":{_grpcPort} ", $":{GrpcPort} ", StringComparison.Ordinal)
        .Replace($":{_restPort} ", $":{RestPort} ", StringComparison.Ordinal);
}
