using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using SharpServing.Server.Hosting;
using SharpServing.Server.Services;

namespace SharpServing.Server.Tests.Support;

/// <summary>The real server on free ports of the loopback, with the fake models.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly ServerHost _host;
    private readonly List<SavedModelServable> _servables = [];
    private GrpcTestClient? _grpc;

    private TestServer(ServerHostOptions options)
    {
        var directory = new FakeDirectory();
        foreach ((string name, long version, SavedModelServable servable) in new[]
        {
            ("half_plus_two", 123L, FakeModels.HalfPlusTwo()),
            ("half_plus_two", 124L, FakeModels.HalfPlusTwo()),
            ("default", 123L, FakeModels.HalfPlusTwo()),
            ("echo", 1L, FakeModels.Echo()),
            ("gated", 1L, FakeModels.Gated(Gate, () => GateReached.Release())),
        })
        {
            directory.With(name, version, servable);
            _servables.Add(servable);
        }

        _host = new ServerHost(options, directory, null, NullLoggerFactory.Instance);
    }

    /// <summary>Runs of the model <c>gated</c> wait for it.</summary>
    public ManualResetEventSlim Gate { get; } = new();

    /// <summary>Released by each run that comes to the gate.</summary>
    public SemaphoreSlim GateReached { get; } = new(0);

    public int GrpcPort => _host.GrpcPort!.Value;

    public int RestPort => _host.RestPort!.Value;

    public GrpcTestClient Grpc => _grpc ??= new GrpcTestClient(GrpcPort);

    public Readiness Readiness => _host.Readiness;

    public Uri RestAddress => new($"http://127.0.0.1:{RestPort}");

    public static async Task<TestServer> StartAsync(Func<ServerHostOptions, ServerHostOptions>? change = null)
    {
        var options = new ServerHostOptions { GrpcAddress = IPAddress.Loopback, GrpcPort = 0, RestAddress = IPAddress.Loopback, RestPort = 0 };
        var server = new TestServer(change?.Invoke(options) ?? options);
        (await server._host.StartGrpcAsync()).ShouldBe(ServingStatus.Ok);
        (await server._host.StartRestAsync()).ShouldBe(ServingStatus.Ok);
        return server;
    }

    /// <summary>Stops; what is in flight after the limit fails the test.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        using var cutOff = new CancellationTokenSource(limit, TimeProvider.System);
        await _host.StopAsync(cutOff.Token);
        cutOff.IsCancellationRequested.ShouldBeFalse();
    }

    public async ValueTask DisposeAsync()
    {
        Gate.Set();
        _grpc?.Dispose();
        await _host.StopAsync(new CancellationToken(canceled: true));
        await _host.DisposeAsync();
        foreach (SavedModelServable servable in _servables)
        {
            servable.Dispose();
        }

        Gate.Dispose();
        GateReached.Dispose();
    }
}
