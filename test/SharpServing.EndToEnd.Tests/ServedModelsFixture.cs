using SharpServing.Server.Tests.Support;

namespace SharpServing.EndToEnd.Tests;

/// <summary>One server with all models of <see cref="ServedUnits.All"/>.</summary>
public sealed class ServedModelsFixture : IAsyncLifetime
{
    internal ServedModels Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var log = new RecordingLog(LogSeverity.Warning);
        (bool isUp, Server) = await ServedModels.StartAsync(ServedUnits.All.Values, log);
        isUp.ShouldBeTrue(string.Join(Environment.NewLine, log.Lines));
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
