using SharpServing.Conformance.Tests.Support;

namespace SharpServing.Conformance.Tests.Grpc;

/// <summary>The fixtures of section A.1 and the models of <see cref="GrpcModels"/>, and a unix socket.</summary>
public sealed class GrpcServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("conformance-grpc-").FullName;

    internal ConformanceServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await ConformanceServer.StartAsync(
        [.. ServedModel.Fixtures, .. GrpcModels.Make(_folder)], "--file_system_poll_wait_seconds=0", "--grpc_socket_path=$FOLDER/socket");

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
