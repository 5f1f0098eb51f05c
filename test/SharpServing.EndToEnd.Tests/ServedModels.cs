using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SharpServing.Ops;
using SharpServing.Server.Startup;
using SharpServing.Server.Tests.Support;

namespace SharpServing.EndToEnd.Tests;

/// <summary>The server with SavedModels, on free ports of the loopback.</summary>
internal sealed class ServedModels : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static int _lastPort = 12_000 + (Environment.ProcessId % 500 * 32);

    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _output = new();
    private readonly string _config = Path.GetTempFileName();
    private Task<int> _server = Task.FromResult(0);

    private ServedModels()
    {
    }

    public int GrpcPort { get; private set; }

    public Uri RestAddress => Rest.BaseAddress!;

    public HttpClient Rest { get; private set; } = new();

    public GrpcTestClient Grpc { get; private set; } = null!;

    /// <summary>Every version in the folder of each unit's model is served.</summary>
    /// <returns>False when the server ends instead of starting.</returns>
    public static Task<(bool IsUp, ServedModels Server)> StartAsync(IEnumerable<ServedUnit> units, ILogSink log) =>
        StartAsync(units.Select(unit => (unit.Model, Path.GetDirectoryName(unit.Directory)!)).Distinct(), log, TimeProvider.System, "--file_system_poll_wait_seconds=0");

    public static async Task<(bool IsUp, ServedModels Server)> StartAsync(
        IEnumerable<(string Model, string Folder)> models, ILogSink log, TimeProvider time, params string[] flags)
    {
        var server = new ServedModels();
        return (await server.RunAsync(models, log, time, flags), server);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _server;
        Rest.Dispose();
        Grpc?.Dispose();
        _stop.Dispose();
        await _output.DisposeAsync();
        File.Delete(_config);
    }

    /// <summary>Below those that the system gives to clients: tests beside this one call without pause.</summary>
    private static int FreePort()
    {
        while (true)
        {
            int port = Interlocked.Increment(ref _lastPort);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue;
            }
        }
    }

    private async Task<bool> RunAsync(IEnumerable<(string Model, string Folder)> models, ILogSink log, TimeProvider time, string[] flags)
    {
        var text = new StringBuilder("model_config_list {\n");
        foreach ((string model, string folder) in models)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"  config {{ name: \"{model}\" base_path: \"{folder}\" model_platform: \"tensorflow\" model_version_policy {{ all {{}} }} }}\n");
        }

        await File.WriteAllTextAsync(_config, text.Append("}\n").ToString(), _stop.Token);
        (GrpcPort, int restPort) = (FreePort(), FreePort());
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var environment = new ModelServerEnvironment
        {
            Output = _output,
            Log = log,
            OpenSavedModel = SavedModelOpeners.ForRegistry(static () => OpCatalog.Registry),
            Started = _ => started.SetResult(),
            Time = time,
        };
        string[] arguments =
        [
            $"--port={GrpcPort}", $"--rest_api_port={restPort}", $"--model_config_file={_config}", "--max_num_load_retries=0",
            "--rest_api_timeout_in_ms=120000", .. flags,
        ];
        _server = ModelServer.RunAsync(arguments, environment, _stop.Token);
        bool isUp = await Task.WhenAny(started.Task, _server).WaitAsync(Patience, _stop.Token) == started.Task;
        Rest = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{restPort}"), Timeout = Patience };
        Grpc = new GrpcTestClient(GrpcPort);
        return isUp;
    }
}
