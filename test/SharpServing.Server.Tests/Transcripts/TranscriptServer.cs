using System.Globalization;
using System.Text;
using System.Text.Json;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;

namespace SharpServing.Server.Tests.Transcripts;

/// <summary>The program that was built as the server "base" of the transcripts, with all its models, on free ports.</summary>
public sealed class TranscriptServer : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("transcripts").FullName;
    private ModelServerProgram? _server;

    public int GrpcPort { get; } = FreePorts.Next();

    public int RestPort { get; } = FreePorts.Next();

    public async Task InitializeAsync()
    {
        string config = Path.Combine(_folder, "models.config");
        await File.WriteAllTextAsync(config, MakeConfig());
        _server = ModelServerProgram.Start(
        [
            $"--port={GrpcPort}", $"--rest_api_port={RestPort}", $"--model_config_file={config}",
            "--allow_version_labels_for_unavailable_models=true", "--rest_api_timeout_in_ms=30000", "--file_system_poll_wait_seconds=0",
        ]);
        if (!await _server.SeesAsync(line => line.Contains("Exporting HTTP/REST API at:", StringComparison.Ordinal), Patience))
        {
            throw new InvalidOperationException($"The server for the exchanges did not start: {_server.Output}{string.Join('\n', _server.Lines)}");
        }
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
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
}
