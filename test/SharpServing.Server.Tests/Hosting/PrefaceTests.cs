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
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("PRI * HTTP/2.0\r\n\0")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    public async Task Connection_NoHttp2_IsGreetedAndClosed(string bytes)
    {
        using var client = new TcpClient("127.0.0.1", _server.GrpcPort);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        string got = await reader.ReadToEndAsync().WaitAsync(Limit);
        const int SettingsBytes = 9 + (4 * 6);
        got.Length.ShouldBe(SettingsBytes);
        got[3].ShouldBe('\u0004');
    }

    /// <summary>Its own settings come at once, then Kestrel's: the same values again, and what Kestrel alone knows.</summary>
    [Fact]
    public async Task Settings_BeforeAndBehindThePreface_SayTheSame()
    {
        using var client = new TcpClient("127.0.0.1", _server.GrpcPort);
        NetworkStream stream = client.GetStream();
        Dictionary<int, int> early = await ReadSettingsAsync(stream);
        early.Keys.Order().ShouldBe([3, 4, 5, 6]);
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray());
        Dictionary<int, int> late = await ReadSettingsAsync(stream);
        early.ShouldAllBe(setting => late[setting.Key] == setting.Value);
    }

    private static async Task<Dictionary<int, int>> ReadSettingsAsync(NetworkStream stream)
    {
        byte[] head = new byte[9];
        await stream.ReadExactlyAsync(head).AsTask().WaitAsync(Limit);
        head[3].ShouldBe((byte)4);
        byte[] body = new byte[head[2]];
        await stream.ReadExactlyAsync(body).AsTask().WaitAsync(Limit);
        return body.Chunk(6).ToDictionary(
            static entry => (int)System.Buffers.Binary.BinaryPrimitives.ReadInt16BigEndian(entry),
            static entry => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(entry.AsSpan(2)));
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
