using System.Net.Sockets;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Startup;

/// <summary>What probes are told, and what happens to requests while the server stops.</summary>
public sealed class ShutdownTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly StartedServer _server = new();
    private readonly ManualResetEventSlim _gate = new();
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        _gate.Set();
        await _server.DisposeAsync();
        _gate.Dispose();
    }

    [Fact]
    public async Task Stop_GracePeriod_NotReadyButAnswers()
    {
        var time = new ManualTimeProvider();
        await StartAsync(time, "--shutdown_grace_period_seconds=20", "--shutdown_limit_seconds=600");
        RawHttpAnswer ready = await _server.GetAsync("/readyz");
        (ready.Status, ready.Text, ready.Headers["content-type"]).ShouldBe((200, "ready\n", "text/plain"));
        (await _server.GetAsync("/healthz?verbose=1")).Text.ShouldBe("ok\n");
        ready.Headers.ContainsKey("connection").ShouldBeFalse();

        // 1. Readiness goes; everything is still answered, and connections are asked to go elsewhere.
        _server.Stop();
        await _server.Log.LineAsync("requests are still taken for 20 s");
        RawHttpAnswer notReady = await _server.GetAsync("/readyz");
        (notReady.Status, notReady.Text).ShouldBe((503, "not ready: the server is stopping\n"));
        (await _server.GetAsync("/healthz")).Status.ShouldBe(200);
        RawHttpAnswer answer = await _server.GetAsync("/v1/models/m");
        (answer.Status, answer.Headers["connection"]).ShouldBe((200, "close"));
        Task<RawHttpAnswer> running = _server.PostAsync("/v1/models/m:predict", "{\"inputs\": 3.5}");
        await _entered.Task.WaitAsync(Limit);
        _server.Exit.IsCompleted.ShouldBeFalse();

        // 2. The period is over: no new connection; what runs is finished.
        time.Advance(TimeSpan.FromSeconds(20));
        await RefusedAsync();
        running.IsCompleted.ShouldBeFalse();
        _gate.Set();
        (await running.WaitAsync(Limit)).Text.ShouldBe("{\n    \"outputs\": 3.5\n}");
        (await _server.Exit.WaitAsync(Limit)).ShouldBe(0);
    }

    [Fact]
    public async Task Stop_RequestBeyondTheLimit_IsCutOffAndTheServerEnds()
    {
        await StartAsync(TimeProvider.System, "--shutdown_limit_seconds=0");
        Task<RawHttpAnswer> running = _server.PostAsync("/v1/models/m:predict", "{\"inputs\": 3.5}");
        await _entered.Task.WaitAsync(Limit);
        _server.Stop();
        await _server.Log.LineAsync("Stopped while requests were still in flight.");
        (await _server.Exit.WaitAsync(Limit)).ShouldBe(0);
    }

    [Fact]
    public async Task Readyz_ModelWithoutVersion_IsNamed()
    {
        await StartAsync(TimeProvider.System);
        var list = new ModelConfigList();
        foreach (string name in new[] { "m", "later" })
        {
            list.Config.Add(new ModelConfig { Name = name, BasePath = Path.Combine(_server.Folder, name), ModelPlatform = "tensorflow" });
        }

        Task<GrpcAnswer> reload = _server.Grpc.CallAsync(
            "/tensorflow.serving.ModelService/HandleReloadConfigRequest",
            new ReloadConfigRequest { Config = new ModelServerConfig { ModelConfigList = list } });
        (await UntilAsync("/readyz", 503)).Text.ShouldBe("not ready: no version is available of later\n");
        reload.IsCompleted.ShouldBeFalse();
        _server.AddVersion("later");
        (await UntilAsync("/readyz", 200)).Text.ShouldBe("ready\n");
        (await reload).Status.ShouldBe(ServingStatus.Ok);
    }

    // The original's answer to any path that it does not know.
    [Theory]
    [InlineData("POST", "/readyz")]
    [InlineData("GET", "/readyz/")]
    [InlineData("GET", "/healthzz")]
    [InlineData("GET", "/Healthz")]
    public async Task OtherPaths_AreTheOriginals404(string method, string target)
    {
        await StartAsync(TimeProvider.System);
        RawHttpAnswer answer = await RawHttpClient.SendAsync(
            _server.RestPort, System.Text.Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"));
        answer.Status.ShouldBe(404);
        answer.Text.ShouldStartWith("<HTML>");
    }

    private Task StartAsync(TimeProvider time, params string[] flags)
    {
        _server.AddVersion("m");
        return _server.StartAsync(_server.Entry("m"), (_, _, _) => FakeModels.Gated(_gate, () => _entered.TrySetResult()), time, [.. flags, "--file_system_poll_wait_seconds=1"]);
    }

    private async Task<RawHttpAnswer> UntilAsync(string target, int status)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            RawHttpAnswer answer = await _server.GetAsync(target);
            if (answer.Status == status)
            {
                return answer;
            }

            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task RefusedAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", _server.RestPort, limit.Token);
            }
            catch (SocketException)
            {
                return;
            }
        }
    }
}
