using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using SharpServing.Ops;
using SharpServing.Server.Startup;
using SharpServing.Server.Tests.Scenarios;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Conformance.Tests.Support;

/// <summary>The real server in this process, on ports of the loopback that were free.</summary>
internal sealed class ConformanceServer : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How much faster the server's clock goes: retries and polls wait for whole seconds.</summary>
    public const int Speed = 8;

    private const int Attempts = 5;

    private readonly CancellationTokenSource _stop = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("conformance-").FullName;
    private readonly RecordingLog _log = new();
    private readonly StringWriter _output = new();
    private Task<int> _server = Task.FromResult(0);
    private GrpcTestClient? _grpc;

    private ConformanceServer()
    {
    }

    public int GrpcPort { get; private set; }

    public int RestPort { get; private set; }

    public GrpcTestClient Grpc => _grpc ??= new GrpcTestClient(GrpcPort);

    public IReadOnlyList<string> Log => _log.Lines;

    /// <summary>Of its own, removed with the server.</summary>
    public string Folder => _folder;

    public string ConfigFile => Path.Combine(_folder, "models.config");

    /// <summary>Serves the models of a list.</summary>
    public static Task<ConformanceServer> StartAsync(IEnumerable<ServedModel> models, params string[] flags) =>
        StartAsync(ConfigOf(models), flags);

    /// <summary>Serves HP2 as <c>default</c>, as section A.2 says.</summary>
    public static Task<ConformanceServer> StartDefaultAsync(params string[] flags) => StartAsync([ServedModel.Fixtures[0]], flags);

    /// <param name="config">Text of the model config file.</param>
    /// <param name="flags">Beside ports and model config.</param>
    public static async Task<ConformanceServer> StartAsync(string config, string[] flags)
    {
        string last = "";
        for (int i = 0; i < Attempts; i++)
        {
            var server = new ConformanceServer();
            if (await server.RunAsync(config, flags))
            {
                return server;
            }

            last = $"{server._output}\n{string.Join('\n', server.Log)}";
            await server.DisposeAsync();
            if (!last.Contains("ddress already in use", StringComparison.Ordinal) && !last.Contains("Failed to start HTTP Server", StringComparison.Ordinal))
            {
                break;      // it was not one of the ports
            }
        }

        throw new InvalidOperationException($"The server did not start: {last}");
    }

    public static string ConfigOf(IEnumerable<ServedModel> models) => $"model_config_list {{\n{string.Concat(models.Select(model => model.ToConfig()))}}}\n";

    public Task<RawHttpAnswer> RestAsync(string method, string target, string body = "", params string[] headers) =>
        RestAsync(method, target, Encoding.UTF8.GetBytes(body), headers);

    public Task<RawHttpAnswer> RestAsync(string method, string target, byte[] body, params string[] headers)
    {
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: localhost\r\n");
        foreach (string header in headers)
        {
            head.Append(header).Append("\r\n");
        }

        if (body.Length > 0 || method is "POST" or "PUT")
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }

        return RawHttpClient.SendAsync(RestPort, [.. Encoding.UTF8.GetBytes(head.Append("\r\n").ToString()), .. body], method == "HEAD");
    }

    /// <summary>The answer of a call that has to succeed.</summary>
    public async Task<T> CallAsync<T>(string method, IMessage request)
        where T : IMessage<T>, new()
    {
        GrpcAnswer answer = await Grpc.CallAsync(method, request);
        answer.Status.ShouldBe(ServingStatus.Ok);
        return new MessageParser<T>(() => new T()).ParseFrom(answer.Message);
    }

    /// <summary>Waits for something that the server does on its own.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isReached, string what)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await isReached())
        {
            limit.IsCancellationRequested.ShouldBeFalse($"waited for: {what}");
            await Task.Yield();
        }
    }

    public Task UntilLoggedAsync(string text) => UntilAsync(() => Task.FromResult(HasLogged(text)), $"the log line '{text}' in\n{string.Join('\n', Log)}");

    public bool HasLogged(string text) => Log.Any(line => line.Contains(text, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        _grpc?.Dispose();
        await _stop.CancelAsync();
        await _server;
        _stop.Dispose();
        await _output.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task<bool> RunAsync(string config, string[] flags)
    {
        await File.WriteAllTextAsync(ConfigFile, config.Replace("$FOLDER", _folder, StringComparison.Ordinal), _stop.Token);
        (GrpcPort, RestPort) = (FreePort(), FreePort());
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var environment = new ModelServerEnvironment
        {
            Output = TextWriter.Synchronized(_output),
            Log = _log,
            OpenSavedModel = SavedModelOpeners.ForRegistry(static () => OpCatalog.Registry),
            Started = _ => started.SetResult(),
            Time = new FastTimeProvider(Speed),
        };
        string[] arguments =
        [
            $"--port={GrpcPort}", $"--rest_api_port={RestPort}", "--rest_api_timeout_in_ms=60000", $"--model_config_file={ConfigFile}",
            .. flags.Select(flag => flag.Replace("$FOLDER", _folder, StringComparison.Ordinal)),
        ];
        _server = ModelServer.RunAsync(arguments, environment, _stop.Token);
        await Task.WhenAny(started.Task, _server).WaitAsync(Patience, _stop.Token);
        return started.Task.IsCompletedSuccessfully && !HasLogged("Failed to start HTTP Server");
    }
}
