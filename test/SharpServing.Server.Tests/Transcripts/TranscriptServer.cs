using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SharpServing.Server.Startup;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;

namespace SharpServing.Server.Tests.Transcripts;

/// <summary>The server "base" of the transcripts, with all its models, on free ports.</summary>
internal sealed class TranscriptServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("transcripts").FullName;
    private readonly StringWriter _output = new();
    private Task<int> _server = Task.FromResult(0);

    public int GrpcPort { get; private set; }

    public int RestPort { get; private set; }

    public static async Task<TranscriptServer> StartAsync()
    {
        var server = new TranscriptServer();
        await server.RunAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _server;
        _stop.Dispose();
        await _output.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string MakeConfig()
    {
        string root = SharedData.PathOf("golden", "tfs_transcripts");
        using JsonDocument servers = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "servers.json")));
        JsonElement spec = servers.RootElement.GetProperty("base");
        var text = new StringBuilder("model_config_list {\n");
        foreach (JsonProperty model in spec.GetProperty("models").EnumerateObject())
        {
            string path = Path.GetFullPath(Path.Combine(root, model.Value.GetString()!));
            string extra = spec.GetProperty("extra").TryGetProperty(model.Name, out JsonElement more) ? more.GetString()! : "";
            text.Append(CultureInfo.InvariantCulture, $"  config {{ name: \"{model.Name}\" base_path: \"{path}\" model_platform: \"tensorflow\" {extra} }}\n");
        }

        return text.Append("}\n").ToString();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task RunAsync()
    {
        string config = Path.Combine(_folder, "models.config");
        await File.WriteAllTextAsync(config, MakeConfig(), _stop.Token);
        GrpcPort = FreePort();
        RestPort = FreePort();
        string[] arguments =
        [
            $"--port={GrpcPort}", $"--rest_api_port={RestPort}", $"--model_config_file={config}",
            "--allow_version_labels_for_unavailable_models=true", "--rest_api_timeout_in_ms=30000", "--file_system_poll_wait_seconds=0",
        ];
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var environment = new ModelServerEnvironment
        {
            Output = _output,
            Log = NullLogSink.Instance,
            OpenSavedModel = RecordedModels.Open,
            Started = _ => started.SetResult(),
        };
        _server = ModelServer.RunAsync(arguments, environment, _stop.Token);
        Task first = await Task.WhenAny(started.Task, _server).WaitAsync(TimeSpan.FromMinutes(2), _stop.Token);
        if (first != started.Task)
        {
            throw new InvalidOperationException($"The server for the exchanges did not start: {_output}");
        }
    }
}
