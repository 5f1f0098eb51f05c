using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SharpServing.Cli.Tests;

/// <summary>Takes OTLP over HTTP: keeps the body of each POST by its path and says 200.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(string Path, byte[] Body)> _received = [];
    private readonly Task _accepting;

    public OtlpReceiver()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public IReadOnlyList<byte[]> Bodies(string path)
    {
        lock (_received)
        {
            return [.. _received.Where(entry => entry.Path == path).Select(static entry => entry.Body)];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            NetworkStream stream = client.GetStream();
            var buffer = new List<byte>();
            byte[] piece = new byte[16 << 10];
            try
            {
                int count;
                while ((count = await stream.ReadAsync(piece, _stop.Token)) > 0)
                {
                    buffer.AddRange(piece.AsSpan(0, count));
                    while (TryTake(buffer))
                    {
                        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stop.Token);
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The test or the server is over.
            }
        }
    }

    /// <summary>A whole request, which must tell its length.</summary>
    private bool TryTake(List<byte> buffer)
    {
        byte[] bytes = [.. buffer];
        int end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        string[] lines = Encoding.ASCII.GetString(bytes, 0, end).Split("\r\n");
        string length = lines.Single(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))[15..];
        int whole = end + 4 + int.Parse(length, CultureInfo.InvariantCulture);
        if (bytes.Length < whole)
        {
            return false;
        }

        lock (_received)
        {
            _received.Add((lines[0].Split(' ')[1], bytes[(end + 4)..whole]));
        }

        buffer.RemoveRange(0, whole);
        return true;
    }
}
