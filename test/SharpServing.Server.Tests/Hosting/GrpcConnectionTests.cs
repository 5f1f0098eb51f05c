using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using SharpServing.Server.Hosting;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Hosting;

/// <summary>What <c>grpc_channel_arguments</c> does to connections.</summary>
public sealed class GrpcConnectionTests
{
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task MaxStreams_Given_IsToldToClients()
    {
        await using TestServer server = await StartAsync(new GrpcConnectionOptions { MaxStreams = 7 });
        using TcpClient client = await GreetAsync(server);
        byte[] settings = await UntilAsync(client, Settings);
        const short MaxConcurrentStreams = 3;
        settings.Chunk(6).Where(static one => BinaryPrimitives.ReadInt16BigEndian(one) == MaxConcurrentStreams)
            .Select(static one => BinaryPrimitives.ReadInt32BigEndian(one.AsSpan(2))).ShouldBe([7]);
    }

    [Fact]
    public async Task MaxAge_Over_ConnectionIsAskedToGo()
    {
        await using TestServer server = await StartAsync(new GrpcConnectionOptions { MaxAge = Moment });
        using TcpClient client = await GreetAsync(server);
        await UntilAsync(client, GoAway);
    }

    [Fact]
    public async Task MaxAge_OverAndItsGrace_CallIsCutOff()
    {
        await using TestServer server = await StartAsync(new GrpcConnectionOptions { MaxAge = Moment, MaxAgeGrace = Moment });
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(server.GrpcPort);
        await client.SendHeadersAsync(RawHttp2Client.HeadersOf("/tensorflow.serving.PredictionService/Predict"), endStream: false);
        await Should.ThrowAsync<IOException>(client.ReadAsync());
    }

    [Fact]
    public async Task MaxIdle_Over_ConnectionIsAskedToGo()
    {
        await using TestServer server = await StartAsync(new GrpcConnectionOptions { MaxIdle = Moment });
        using TcpClient client = await GreetAsync(server);
        await UntilAsync(client, GoAway);
    }

    [Fact]
    public async Task KeepAlive_SilentClient_IsPingedThenDropped()
    {
        await using TestServer server = await StartAsync(new GrpcConnectionOptions { KeepAliveTime = Moment, KeepAliveTimeout = Moment });
        using TcpClient client = await GreetAsync(server);
        await UntilAsync(client, Ping);
        await UntilAsync(client, GoAway);
    }

    [Theory]
    [InlineData(true, true, Transport.Default)]
    [InlineData(true, true, Transport.Sockets)]
    [InlineData(true, false, Transport.Default)]
    [InlineData(false, true, Transport.Default)]
    [InlineData(false, false, Transport.Default)]
    public async Task ReusePort_OfBoth_SharesThePort(bool first, bool second, Transport transport)
    {
        await using ServerHost one = Host(0, first, transport);
        (await one.StartGrpcAsync()).ShouldBe(ServingStatus.Ok);
        await using ServerHost two = Host(one.GrpcPort!.Value, second, transport);
        ServingStatus status = await two.StartGrpcAsync();
        status.IsOk.ShouldBe(first && second, status.Message);
    }

    private static ServerHost Host(int port, bool reuse, Transport transport) => new(
        new ServerHostOptions
        {
            GrpcAddress = IPAddress.Loopback, GrpcPort = port, Transport = transport, GrpcConnections = new GrpcConnectionOptions { ReusePort = reuse },
        },
        new FakeDirectory(),
        null,
        NullLoggerFactory.Instance);

    private static Task<TestServer> StartAsync(GrpcConnectionOptions connections) =>
        TestServer.StartAsync(options => options with { GrpcConnections = connections });

    private static async Task<TcpClient> GreetAsync(TestServer server)
    {
        var client = new TcpClient("127.0.0.1", server.GrpcPort);
        await client.GetStream().WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, Settings, 0, 0, 0, 0, 0]);
        return client;
    }

    /// <returns>The payload of the first frame of that type.</returns>
    private static async Task<byte[]> UntilAsync(TcpClient client, byte type)
    {
        while (true)
        {
            byte[] head = new byte[9];
            await client.GetStream().ReadExactlyAsync(head).AsTask().WaitAsync(Patience);
            byte[] payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
            await client.GetStream().ReadExactlyAsync(payload).AsTask().WaitAsync(Patience);
            if (head[3] == type)
            {
                return payload;
            }
        }
    }
}
