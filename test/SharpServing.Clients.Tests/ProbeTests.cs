using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SharpServing.Clients.Tests;

/// <summary>The requests that Kubernetes' kubelet makes for its probes: a GET that closes, a TCP connection, a health check over gRPC.</summary>
public sealed class ProbeTests : IClassFixture<ModelServerFixture>
{
    private readonly ModelServerFixture _server;

    public ProbeTests(ModelServerFixture server) => _server = server;

    [Theory]
    [InlineData("/v1/models/half_plus_two", 200)]
    [InlineData("/healthz", 200)]
    [InlineData("/readyz", 200)]
    [InlineData("/v1/models/nothing", 404)]
    public async Task HttpProbe_Path_HasItsStatus(string path, int status)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _server.RestPort);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{_server.RestPort}\r\nUser-Agent: kube-probe/1.33\r\nAccept: */*\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        string answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));      // to the end: the server closes
        answer.ShouldStartWith($"HTTP/1.1 {status} ");
    }

    [Fact]
    public async Task TcpProbe_BothPorts_Connect()
    {
        foreach (int port in new[] { _server.GrpcPort, _server.RestPort })
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            client.Connected.ShouldBeTrue();
        }
    }

    /// <summary>Service of the probe, gRPC status, and SERVING.</summary>
    [Theory]
    [InlineData("", "0", 1)]
    [InlineData("ModelService", "0", 1)]
    [InlineData("nothing", "5", 0)]
    public async Task GrpcProbe_Service_HasItsStatus(string service, string status, int health)
    {
        byte[] name = Encoding.ASCII.GetBytes(service);
        byte[] message = name.Length == 0 ? [] : [1 << 3 | 2, (byte)name.Length, .. name];
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{_server.GrpcPort}/grpc.health.v1.Health/Check")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, (byte)message.Length, .. message]),
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("user-agent", "kube-probe/1.33 grpc-go/1.68.1");
        request.Headers.TryAddWithoutValidation("grpc-timeout", "29999931u");
        using var client = new HttpClient();
        using HttpResponseMessage response = await client.SendAsync(request);
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.TrailingHeaders.GetValues("grpc-status").ShouldBe([status]);
        answer.ShouldBe(health == 0 ? [] : [0, 0, 0, 0, 2, 1 << 3, (byte)health]);
    }
}
