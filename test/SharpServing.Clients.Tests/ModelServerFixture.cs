using SharpServing.TestSupport;

namespace SharpServing.Clients.Tests;

/// <summary>The program, serving half_plus_two.</summary>
public sealed class ModelServerFixture : IAsyncLifetime
{
    private ServerProcess? _server;

    /// <summary>Base path of half_plus_two.</summary>
    public static string ModelPath { get; } = SharedData.PathOf("models", "tfs_half_plus_two_cpu");

    public int GrpcPort { get; } = ServerProcess.FreePort();

    public int RestPort { get; } = ServerProcess.FreePort();

    public async Task InitializeAsync() => _server = await ServerProcess.StartAsync(
        ServerProcess.Program,
        "Exporting HTTP/REST API at:localhost:",
        "serve",
        $"--port={GrpcPort}",
        $"--rest_api_port={RestPort}",
        "--enable_grpc_healthcheck_service=true",
        "--model_name=half_plus_two",
        $"--model_base_path={ModelPath}");

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
