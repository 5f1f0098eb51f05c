using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Hosting;

public sealed class IdleConnectionTests
{
    // Kestrel looks at its connections once a second.
    private static readonly TimeSpan ThreeLooks = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GrpcConnection_WithoutCalls_StaysOpen(bool greeted)
    {
        await using TestServer server = await TestServer.StartAsync(options => options);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.GrpcPort);
        if (greeted)
        {
            await socket.SendAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0]);
        }

        byte[] received = new byte[4096];
        var frames = new List<byte>();
        long start = Stopwatch.GetTimestamp();
        for (TimeSpan left = ThreeLooks; left > TimeSpan.Zero; left = ThreeLooks - Stopwatch.GetElapsedTime(start))
        {
            if (socket.Poll(left, SelectMode.SelectRead))
            {
                int count = socket.Receive(received);
                count.ShouldBeGreaterThan(0, "the connection was closed");
                frames.AddRange(TypesOf(received.AsSpan(0, count)));
            }
        }

        const byte GoAway = 7;
        frames.ShouldNotContain(GoAway);
    }

    /// <summary>The server's few frames at the start come whole.</summary>
    private static List<byte> TypesOf(ReadOnlySpan<byte> bytes)
    {
        var types = new List<byte>();
        while (bytes.Length >= 9)
        {
            types.Add(bytes[3]);
            bytes = bytes[Math.Min(bytes.Length, 9 + (bytes[0] << 16 | bytes[1] << 8 | bytes[2]))..];
        }

        return types;
    }
}
