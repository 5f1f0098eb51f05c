using System.Globalization;
using SharpServing.TestSupport;

namespace SharpServing.Clients.Tests;

/// <summary>The server, and what each client printed when it made every call once.</summary>
public sealed class GrpcScripts : IAsyncLifetime
{
    private readonly ModelServerFixture _server = new();

    /// <summary>What came, by the name of the call.</summary>
    public IReadOnlyDictionary<string, string> Python { get; private set; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Node { get; private set; } = new Dictionary<string, string>();

    public async Task InitializeAsync()
    {
        await _server.InitializeAsync();
        string port = _server.GrpcPort.ToString(CultureInfo.InvariantCulture);
        Python = await RunAsync("/usr/bin/python3", Script("client.py"), port, Path.Combine(AppContext.BaseDirectory, "serving.descriptors"));
        Node = await RunAsync(
            "node",
            Script("client.mjs"),
            port,
            Path.Combine(SharedData.RepositoryRoot, "src", "SharpServing.Protos"),
            Path.Combine(SharedData.RepositoryRoot, ".tools", "node_modules"));
    }

    public Task DisposeAsync() => _server.DisposeAsync();

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Scripts", name);

    private static async Task<IReadOnlyDictionary<string, string>> RunAsync(string program, params string[] arguments)
    {
        (string output, string error, int code) = await ServerProcess.RunAsync(program, [.. arguments, ModelServerFixture.ModelPath, .. GrpcClientTests.Calls.Select<object[], string>(call => (string)call[0])]);
        code.ShouldBe(0, $"{error}\nThe packages of the clients are installed by eng/test.");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(line => line.Split('\t')[0], line => line.Split('\t')[1]);
    }
}
