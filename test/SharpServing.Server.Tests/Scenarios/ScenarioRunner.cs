using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>
/// Plays a recorded scenario (golden/tfs_transcripts/README.md) in real time against the program that was built, on free ports and in a
/// folder of its own, and collects what differs from the recording.
/// </summary>
internal sealed class ScenarioRunner : IAsyncDisposable
{
    private const string SocketFlag = "--grpc_socket_path=";

    private readonly ScenarioPlace _place = new();
    private readonly List<string> _differences = [];
    private readonly List<ModelServerProgram> _ended = [];
    private string _model = "";
    private ModelServerProgram? _server;
    private GrpcTestClient? _grpc;
    private ScenarioLoad? _load;
    private ScenarioConnection? _kept;
    private Task<string?>? _background;
    private int _compared;

    /// <summary>What differed; empty when all was the same.</summary>
    public IReadOnlyList<string> Differences => _differences;

    /// <summary>How many things were compared.</summary>
    public int Compared => _compared;

    /// <summary>How long something may take that has to come: a line, a state, the end.</summary>
    public required TimeSpan Patience { get; init; }

    public async Task RunAsync(JsonElement scenario)
    {
        JsonElement[] steps = [.. scenario.GetProperty("steps").EnumerateArray()];
        bool underLoad = Array.Exists(steps, step => Has(step, "under_load", out _));
        for (int i = 0; i < steps.Length; i++)
        {
            if (Has(steps[i], "background", out _) || Has(steps[i], "background_rest", out _))
            {
                _background = StartBackgroundAsync(steps[(i + 1)..]);
                continue;
            }

            await StepAsync(steps[i]);
            if (underLoad && Has(steps[i], "start", out _))
            {
                _load = new ScenarioLoad(_place.RestPort, _place.GrpcPort);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_load is not null)
        {
            await _load.DisposeAsync();
        }

        _kept?.Dispose();
        _grpc?.Dispose();
        foreach (ModelServerProgram server in _server is null ? _ended : [.. _ended, _server])
        {
            await server.DisposeAsync();
        }

        _place.Dispose();
    }

    private static bool Has(JsonElement step, string name, out JsonElement value) => step.TryGetProperty(name, out value);

    private static Task RealTimeAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, CancellationToken.None);

    private async Task StepAsync(JsonElement step)
    {
        if (Has(step, "copy_model", out JsonElement model))
        {
            _model = model.GetString()!;
        }

        if (ScenarioFiles.TryPlay(step, _place))
        {
            return;
        }

        if (Has(step, "start", out JsonElement flags))
        {
            await StartAsync(step, flags);
        }
        else if (Has(step, "sleep", out JsonElement seconds))
        {
            await RealTimeAsync(seconds.GetDouble());
        }
        else if (Has(step, "wait_log", out JsonElement awaited))
        {
            string text = awaited.GetString()!;
            Note(await _server!.SeesAsync(line => _place.Unplace(line).Contains(text, StringComparison.Ordinal), Patience) ? null : $"never logged {awaited}");
        }
        else if (Has(step, "poll_status", out JsonElement stream))
        {
            await PollAsync(step, stream.GetString()!);
        }
        else if (Has(step, "rest", out JsonElement rest))
        {
            Note(await RestAsync(rest), rest.GetProperty("request").GetProperty("target").ToString());
        }
        else if (Has(step, "grpc", out JsonElement grpc))
        {
            using GrpcTestClient? own = Has(step, "client", out JsonElement client)
                ? _place.Tls.Connect(client.GetString()!, _place.GrpcPort, $"{_place.Root}/config/s.sock")
                : null;
            Note(await GrpcAsync(grpc, own), own is null ? grpc.GetProperty("method").GetString()! : client.GetString()!);
        }
        else if (Has(step, "stop", out _) || Has(step, "exited_by_itself", out _))
        {
            await EndAsync(step);
        }
        else if (Has(step, "metrics", out JsonElement metrics))
        {
            Note(Attempt(() => ScenarioMetrics.Compare(metrics, _place.RestPort, _place.Unplace)), "metrics");
        }
        else if (Has(step, "metrics_lines", out JsonElement samples))
        {
            string[] lines = [.. samples.EnumerateArray().Select(line => line.GetString()!)];
            Note(Attempt(() => ScenarioMetrics.Compare(lines, _place.RestPort, _place.Unplace)), "metrics");
        }
        else if (Has(step, "parallel", out JsonElement calls))
        {
            await ParallelAsync(step, calls);
        }
        else if (Has(step, "background_answer", out _) || Has(step, "background_rest_answer", out _))
        {
            Note(await _background!, "in the background");
        }
        else
        {
            await LookAsync(step);
        }
    }

    /// <summary>Steps that look at the server beside its answers.</summary>
    private async Task LookAsync(JsonElement step)
    {
        if (Has(step, "under_load", out _))
        {
            string[] recorded = [.. step.GetProperty("different_answers").EnumerateArray().Select(answer => answer.GetString()!)];
            string[] seen = _load!.TakeAnswers();
            Note(seen.Length > 0 && !seen.Except(recorded).Any() ? null : $"answers {string.Join(" | ", seen)}, recorded {string.Join(" | ", recorded)}");
        }
        else if (Has(step, "alive", out _))
        {
            Note(_server is { Exited.IsCompleted: false } ? null : "the server has ended");
        }
        else if (Has(step, "socket_exists_while_running", out _))
        {
            Note(File.Exists($"{_place.Root}/config/s.sock") ? null : "no socket file");
        }
        else if (Has(step, "keep_alive", out JsonElement answers))
        {
            _kept = new ScenarioConnection(_place.RestPort);
            foreach (JsonElement answer in answers.EnumerateArray())
            {
                Note(_kept.Compare("/v1/models/default", answer));
            }
        }
        else if (Has(step, "idle_connection", out _))
        {
            // Recorded after 20 s; IdleConnectionTests have the long time.
            await RealTimeAsync(1);
            Note(_kept!.IsOpen ? null : "the connection was closed");
        }
        else if (!Has(step, "note", out _))
        {
            throw new NotSupportedException($"Step {step}");
        }
    }

    /// <summary>The request is recorded where its answer is awaited.</summary>
    private async Task<string?> StartBackgroundAsync(JsonElement[] later)
    {
        foreach (JsonElement step in later)
        {
            if (Has(step, "background_answer", out JsonElement grpc))
            {
                return await GrpcAsync(grpc);
            }

            if (Has(step, "background_rest_answer", out JsonElement rest))
            {
                return await RestAsync(rest);
            }
        }

        throw new NotSupportedException("A request in the background that is never answered.");
    }

    private async Task ParallelAsync(JsonElement step, JsonElement calls)
    {
        double stagger = Has(step, "stagger_s", out JsonElement seconds) ? seconds.GetDouble() : 0;
        var running = new List<Task<string?>>();
        foreach (JsonElement call in calls.EnumerateArray())
        {
            // The first call of a process takes longer than those behind it are apart.
            await (Has(call, "method", out _) ? ScenarioGrpc.WarmAsync(call, _grpc!) : WarmRestAsync(call));
        }

        foreach (JsonElement call in calls.EnumerateArray())
        {
            running.Add(Has(call, "method", out _) ? GrpcAsync(call) : RestAsync(call));
            await RealTimeAsync(stagger);
        }

        foreach (Task<string?> call in running)
        {
            Note(await call, "in parallel");
        }
    }

    private async Task StartAsync(JsonElement step, JsonElement flags)
    {
        if (_server is not null)
        {
            _ended.Add(_server);
        }

        string[] arguments = [.. flags.EnumerateArray().Select(flag => _place.Flag(flag.GetString()!))];
        _grpc?.Dispose();
        _grpc = arguments.Contains("--port=0")
            ? new GrpcTestClient(Array.Find(arguments, argument => argument.StartsWith(SocketFlag, StringComparison.Ordinal))![SocketFlag.Length..])
            : new GrpcTestClient(_place.GrpcPort);
        (string, string)[] environment = Has(step, "env", out JsonElement env)
            ? [.. env.EnumerateObject().Select(variable => (variable.Name, variable.Value.GetString()!))]
            : [];
        _server = ModelServerProgram.Start(arguments, environment);
        if (Has(step, "exit_code", out _))
        {
            await EndAsync(step);
            return;
        }

        bool hasRest = arguments.Any(argument => argument.StartsWith("--rest_api_port=", StringComparison.Ordinal));
        string awaited = hasRest ? "Exporting HTTP/REST API" : "Running gRPC ModelServer";
        bool expected = Has(step, "ready", out JsonElement ready) && ready.GetBoolean();
        bool isWaiting = Has(step, "still_waiting_after_s", out _);
        if (expected || isWaiting)
        {
            bool isReady = await _server.SeesAsync(
                line => line.Contains(awaited, StringComparison.Ordinal), expected ? Patience : TimeSpan.FromSeconds(1));
            Note(isReady == expected ? null
                : expected ? $"not ready: {_server.Output} {string.Join('\n', _server.Lines)}"
                : "ready, recorded as waiting");
        }
        else if (environment.Length > 0)
        {
            // Its log says nothing, as it was asked to.
            await PortOpensAsync(_server);
        }
    }

    private async Task PortOpensAsync(ModelServerProgram server)
    {
        var clock = Stopwatch.StartNew();
        while (!server.Exited.IsCompleted && clock.Elapsed < Patience && Attempt(() => ScenarioHttp.Get(_place.RestPort, "/").StatusLine) is var line
            && !line!.StartsWith("HTTP/", StringComparison.Ordinal))
        {
            await RealTimeAsync(0.1);
        }
    }

    private async Task EndAsync(JsonElement step)
    {
        ModelServerProgram server = _server ?? throw new InvalidOperationException("nothing was started");
        if (Has(step, "stop", out JsonElement signal))
        {
            // The original wrote nothing after the signal: what it wrote came before.
            foreach (string line in ScenarioEnd.LogLines(step))
            {
                await server.SeesAsync(have => ScenarioEnd.IsLine(_place.Unplace(have), line), TimeSpan.FromSeconds(Patience.TotalSeconds / 10));
            }

            await server.SignalAsync(signal.GetString()!);
        }

        if (await Task.WhenAny(server.Exited, Task.Delay(Patience, TimeProvider.System, CancellationToken.None)) != server.Exited)
        {
            Note("did not end");
            return;
        }

        foreach (string? difference in ScenarioEnd.Compare(step, server, _place))
        {
            Note(difference);
        }

        _ended.Add(server);
        _server = null;
    }

    /// <summary>Asks, as the recording did, every 0.1 s.</summary>
    private async Task PollAsync(JsonElement step, string stream)
    {
        bool reached = step.GetProperty("reached").GetBoolean();
        string got = "";
        if (!reached)
        {
            await RealTimeAsync(3);
        }

        TimeSpan patience = reached ? Patience : TimeSpan.Zero;
        var clock = Stopwatch.StartNew();
        string? difference;
        while ((difference = Attempt(Compare)) is not null && clock.Elapsed < patience)
        {
            await RealTimeAsync(0.1);
        }

        Note(reached ? difference : difference is null ? $"reached {step.GetProperty("until")}, recorded as never" : null);

        string? Compare()
        {
            got = ScenarioHttp.Get(_place.RestPort, $"/v1/models/{stream}").Body;
            using JsonDocument status = JsonDocument.Parse(got);
            var states = new Dictionary<string, string>();
            if (status.RootElement.TryGetProperty("model_version_status", out JsonElement versions))
            {
                foreach (JsonElement version in versions.EnumerateArray())
                {
                    states[version.GetProperty("version").GetString()!] = version.GetProperty("state").GetString()!;
                }
            }

            bool isThere = step.GetProperty("until").EnumerateObject()
                .All(pair => states.TryGetValue(pair.Name, out string? state) && state == pair.Value.GetString());
            return isThere ? null : $"never reached {step.GetProperty("until")}: {got}";
        }
    }

    private Task WarmRestAsync(JsonElement exchange) => Task.Run(
        () => Attempt(() =>
        {
            ScenarioHttp.Warm(exchange, _place.RestPort);
            return null;
        }),
        CancellationToken.None);

    private Task<string?> RestAsync(JsonElement exchange) =>
        Task.Run(() => Attempt(() => ScenarioHttp.Compare(exchange, _place.RestPort, _place.Unplace)), CancellationToken.None);

    private async Task<string?> GrpcAsync(JsonElement exchange, GrpcTestClient? client = null) => _server is null || _server.Exited.IsCompleted
        ? "the server does not run"
        : await ScenarioGrpc.CompareAsync(exchange, client ?? _grpc!, _place, _model);

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
}
