using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace SharpServing.Server.Tests.Support;

/// <summary>HTTP/1.1 by hand: sends bytes as they are, reads one answer.</summary>
internal static class RawHttpClient
{
    public static async Task<RawHttpAnswer> SendAsync(int port, byte[] request, bool isHead = false)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port, limit.Token);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(request, limit.Token);
        var received = new MemoryStream();
        byte[] buffer = new byte[64 << 10];
        while (true)
        {
            int count = await stream.ReadAsync(buffer, limit.Token);
            if (count == 0)
            {
                return RawHttpAnswer.Parse(received.ToArray());
            }

            await received.WriteAsync(buffer.AsMemory(0, count), limit.Token);
            RawHttpAnswer answer = RawHttpAnswer.Parse(received.ToArray());
            if (answer.Headers.TryGetValue("content-length", out string? length)
                && answer.Body.Length >= int.Parse(length, CultureInfo.InvariantCulture))
            {
                return answer;
            }

            if (isHead && answer.Status > 0)
            {
                return answer;
            }
        }
    }

    /// <summary>
    /// All that comes back until the server closes, or has sent <paramref name="expected"/> bytes (or nothing for ten seconds) and is then
    /// silent for half a second. Before each further piece the first answer to the last one is waited for, where there is one.
    /// </summary>
    public static async Task<(byte[] Bytes, bool Closed)> ExchangeAsync(int port, IReadOnlyList<byte[]> pieces, int expected, bool halfClose)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port);
        NetworkStream stream = client.GetStream();
        await using var received = new MemoryStream();
        bool closed = false;
        for (int i = 0; i < pieces.Count && !closed; i++)
        {
            await stream.WriteAsync(pieces[i]);
            bool isLast = i == pieces.Count - 1;
            if (isLast && halfClose)
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }

            closed = await ReadAsync(stream, received, isLast ? expected : Math.Min(expected, 1), TimeSpan.FromMilliseconds(isLast ? 500 : 50));
        }

        return (received.ToArray(), closed);
    }

    /// <returns>True when the server closed.</returns>
    private static async Task<bool> ReadAsync(NetworkStream stream, MemoryStream received, int expected, TimeSpan silence)
    {
        byte[] buffer = new byte[64 << 10];
        while (true)
        {
            using var limit = new CancellationTokenSource(received.Length < expected ? TimeSpan.FromSeconds(10) : silence);
            try
            {
                int count = await stream.ReadAsync(buffer, limit.Token);
                if (count == 0)
                {
                    return true;
                }

                await received.WriteAsync(buffer.AsMemory(0, count), limit.Token);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }
}

internal sealed record RawHttpAnswer(int Status, string Reason, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Status 0 while the headers are not complete.</summary>
    public static RawHttpAnswer Parse(byte[] bytes)
    {
        int end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return new RawHttpAnswer(0, "", new Dictionary<string, string>(), bytes);
        }

        string[] lines = Encoding.Latin1.GetString(bytes, 0, end).Split("\r\n");
        string[] first = lines[0].Split(' ', 3);
        var headers = new Dictionary<string, string>();
        foreach (string line in lines[1..])
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon].ToLowerInvariant()] = line[(colon + 1)..].Trim();
        }

        return new RawHttpAnswer(int.Parse(first[1], CultureInfo.InvariantCulture), first[2], headers, bytes[(end + 4)..]);
    }
}
