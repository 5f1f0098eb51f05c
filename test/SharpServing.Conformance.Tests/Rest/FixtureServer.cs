using SharpServing.Conformance.Tests.Support;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>The fixtures of section A.1, with a label for version 123 of <c>default</c>.</summary>
public sealed class FixtureServer : IAsyncLifetime
{
    internal ConformanceServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await ConformanceServer.StartAsync(
        ServedModel.Fixtures.Select(model => model.Name == "default" ? model with { More = "version_labels { key: 'Version_Label' value: 123 }" } : model),
        "--file_system_poll_wait_seconds=0",
        "--allow_version_labels_for_unavailable_models=true");

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
