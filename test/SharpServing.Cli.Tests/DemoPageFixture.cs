using SharpServing.TestSupport;

namespace SharpServing.Cli.Tests;

/// <summary>One demo server and one browser at its page, for all tests of the class.</summary>
public sealed class DemoPageFixture : IAsyncLifetime
{
    private ServerProcess? _server;
    private Chromium? _browser;

    internal Chromium Browser => _browser ?? throw new InvalidOperationException("The browser is not open.");

    public async Task InitializeAsync()
    {
        int rest = ServerProcess.FreePort();
        _server = await ServerProcess.StartAsync(
            ServerProcess.Program, "Ctrl+C stops.", "demo", $"--port={ServerProcess.FreePort()}", $"--rest_api_port={rest}");
        _browser = await Chromium.OpenAsync($"http://127.0.0.1:{rest}/");
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
