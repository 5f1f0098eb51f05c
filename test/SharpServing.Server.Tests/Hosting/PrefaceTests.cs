using System.Net.Sockets;
using System.Text;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Hosting;

/// <summary>The first bytes on the gRPC port.</summary>
public sealed class PrefaceTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "")]
    [InlineData("\u0016\u0003\u0001", "")]
    [InlineData("PRI * HTTP/2.0\r\n\0", "")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 Bad Request")]
    public async Task Connection_NoHttp2_IsClosed(string bytes, string answer)
    {
        using var client = new TcpClient("127.0.0.1", _server.GrpcPort);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        string got = await reader.ReadToEndAsync().WaitAsync(Limit);
        got.Split("\r\n")[0].ShouldBe(answer);
    }

    [Fact]
    public async Task Preface_InPieces_IsGreeted()
    {
        using var client = new TcpClient("127.0.0.1", _server.GrpcPort) { NoDelay = true };
        NetworkStream stream = client.GetStream();
        foreach (byte one in "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray())
        {
            await stream.WriteAsync((byte[])[one]);
        }

        byte[] head = new byte[9];
        await stream.ReadExactlyAsync(head).AsTask().WaitAsync(Limit);
        const byte Settings = 4;
        head[3].ShouldBe(Settings);
    }
}
