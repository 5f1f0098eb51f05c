using Google.Protobuf;
using Grpc.Health.V1;
using SharpServing.Server.Tests.Support;
using State = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SharpServing.Server.Tests.Grpc;

/// <summary>What probes see: grpc_health_probe's and Kubernetes' is one Check with a deadline on a connection of its own.</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private const string Check = "/grpc.health.v1.Health/Check";
    private const string Watch = "/grpc.health.v1.Health/Watch";

    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(static options => options with { HealthService = true });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("", true)]
    [InlineData("ModelService", true)]
    [InlineData("PredictionService", true)]
    [InlineData("tensorflow.serving.PredictionService", false)]
    [InlineData("nosuch", false)]
    public async Task Probe_Service_ServingAndNotServingWhileDraining(string service, bool known)
    {
        (await ProbeAsync(service)).ShouldBe(known ? "SERVING" : "NotFound: service name unknown");
        _server.Readiness.StartDraining();
        (await ProbeAsync(service)).ShouldBe(known ? "NOT_SERVING" : "NotFound: service name unknown");
    }

    [Fact]
    public async Task Probe_WithoutTheFlag_IsUnimplemented()
    {
        await using TestServer server = await TestServer.StartAsync();
        (await server.Grpc.CallAsync(Check, new HealthCheckRequest())).Status.ShouldBe(ServingStatus.Unimplemented(""));
        (await server.Grpc.CallAsync(Watch, new HealthCheckRequest())).Status.ShouldBe(ServingStatus.Unimplemented(""));
    }

    [Fact]
    public async Task Watch_Service_TellsNowAndAgainWhenItDrains()
    {
        using RawHttp2Client client = await WatchAsync("PredictionService");
        (await NextAsync(client)).ShouldBe(State.Serving);
        _server.Readiness.StartDraining();
        (await NextAsync(client)).ShouldBe(State.NotServing);

        // Who watches from now on hears it at once.
        using RawHttp2Client late = await WatchAsync("");
        (await NextAsync(late)).ShouldBe(State.NotServing);
    }

    [Fact]
    public async Task Watch_UnknownService_SaysSo()
    {
        using RawHttp2Client client = await WatchAsync("nosuch");
        (await NextAsync(client)).ShouldBe(State.ServiceUnknown);
    }

    [Fact]
    public async Task Watch_Deadline_EndsIt()
    {
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(_server.GrpcPort);
        await client.SendHeadersAsync([.. RawHttp2Client.HeadersOf(Watch), ("grpc-timeout", "50m")], endStream: false);
        await client.SendDataAsync(GrpcTestClient.Frame([]), endStream: true);
        RawHttp2Answer answer = await client.ReadAsync();
        answer.Data.Count.ShouldBe(GrpcTestClient.Frame(new HealthCheckResponse { Status = State.Serving }.ToByteArray()).Length);
        answer.Find("grpc-status").ShouldBe("4");
    }

    [Fact]
    public async Task Watch_ServerStops_EndsAndDoesNotHoldIt()
    {
        RawHttp2Client client = await WatchAsync("");
        (await NextAsync(client)).ShouldBe(State.Serving);
        Task stop = _server.StopAsync(TimeSpan.FromSeconds(30));
        RawHttp2Answer answer = await client.ReadAsync();
        answer.Find("grpc-status").ShouldBe("1");
        client.Dispose();
        await stop;
    }

    private async Task<string> ProbeAsync(string service)
    {
        using var client = new GrpcTestClient(_server.GrpcPort);
        GrpcAnswer answer = await client.CallAsync(Check, new HealthCheckRequest { Service = service }, ("grpc-timeout", "20S"), ("user-agent", "kube-probe/1.34"));
        return answer.Status.IsOk
            ? HealthCheckResponse.Parser.ParseFrom(answer.Message).Status == State.Serving ? "SERVING" : "NOT_SERVING"
            : $"{answer.Status.Code}: {answer.Status.Message}";
    }

    private async Task<RawHttp2Client> WatchAsync(string service)
    {
        RawHttp2Client client = await RawHttp2Client.ConnectAsync(_server.GrpcPort);
        await client.SendHeadersAsync(RawHttp2Client.HeadersOf(Watch), endStream: false);
        await client.SendDataAsync(GrpcTestClient.Frame(new HealthCheckRequest { Service = service }.ToByteArray()), endStream: true);
        return client;
    }

    private static async Task<State> NextAsync(RawHttp2Client client)
    {
        byte[] message = (await client.ReadMessageAsync()).ShouldNotBeNull();
        return HealthCheckResponse.Parser.ParseFrom(message).Status;
    }
}
