using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace SharpServing.Server.Tests.Support;

/// <summary>
/// One stream of HTTP/2 made by hand, so that it may be sent as no client would. Headers go as plain literals; the server is told to keep
/// no table, so that its come as such, too.
/// </summary>
internal sealed class RawHttp2Client : IDisposable
{
    private const int HeadBytes = 9;
    private const int MaxFrame = 16 << 10;
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte ResetStream = 3;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte WindowUpdate = 8;
    private const byte Continuation = 9;
    private const byte EndStream = 1;
    private const byte Acknowledged = 1;
    private const byte EndHeaders = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TcpClient _client = new() { NoDelay = true };
    private NetworkStream _stream = null!;

    /// <summary>What every call has.</summary>
    public static (string Name, string Value)[] HeadersOf(string method) =>
    [
        (":method", "POST"), (":scheme", "http"), (":path", method), (":authority", "localhost"), ("content-type", "application/grpc"), ("te", "trailers"),
    ];

    public static async Task<RawHttp2Client> ConnectAsync(int port)
    {
        var client = new RawHttp2Client();
        await client._client.ConnectAsync("127.0.0.1", port);
        client._stream = client._client.GetStream();
        await client._stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());

        // HEADER_TABLE_SIZE 0, INITIAL_WINDOW_SIZE 16 MiB; and as much for the connection.
        await client.SendAsync(Settings, 0, 0, [0, 1, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0]);
        await client.SendAsync(WindowUpdate, 0, 0, [1, 0, 0, 0]);
        return client;
    }

    public Task SendResetAsync(int stream)
    {
        const byte Cancel = 8;
        return SendAsync(ResetStream, 0, stream, [0, 0, 0, Cancel]);
    }

    public async Task SendHeadersAsync(IEnumerable<(string Name, string Value)> headers, bool endStream, int stream = 1)
    {
        var block = new List<byte>();
        foreach ((string name, string value) in headers)
        {
            block.Add(0);
            AppendText(block, name);
            AppendText(block, value);
        }

        byte[] bytes = [.. block];
        for (int at = 0; at < bytes.Length; at += MaxFrame)
        {
            int length = Math.Min(MaxFrame, bytes.Length - at);
            byte flags = (byte)((at + length == bytes.Length ? EndHeaders : 0) | (at == 0 && endStream ? EndStream : 0));
            await SendAsync(at == 0 ? Headers : Continuation, flags, stream, bytes[at..(at + length)]);
        }
    }

    public Task SendDataAsync(byte[] data, bool endStream, int stream = 1) => SendAsync(Data, endStream ? EndStream : (byte)0, stream, data);

    /// <summary>What comes on the stream until it ends, and behind that what the server sent before it answers a ping.</summary>
    public async Task<RawHttp2Answer> ReadAsync()
    {
        var answer = new RawHttp2Answer();
        while (true)
        {
            byte type;
            byte flags;
            byte[] payload;
            try
            {
                (type, flags, payload) = await ReadFrameAsync();
            }
            catch (IOException) when (answer.Ended)
            {
                // A server that stops closes behind the last stream.
                return answer;
            }

            switch (type)
            {
                case Headers:
                    List<(string, string)> headers = RawHeaders.Decode(payload);
                    (answer.Headers.Count == 0 ? answer.Headers : answer.Trailers).AddRange(headers);
                    break;
                case Data:
                    answer.Data.AddRange(payload);
                    break;
                case ResetStream:
                    answer.Reset = BinaryPrimitives.ReadInt32BigEndian(payload);
                    return answer;
                case GoAway when BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(4)) is int error and not 0:
                    answer.GoAway = error;
                    return answer;
                case Settings when (flags & Acknowledged) == 0:
                    await SendAsync(Settings, Acknowledged, 0, []);
                    break;
                case Ping when (flags & Acknowledged) != 0:
                    return answer;
            }

            if (type is Headers or Data && (flags & EndStream) != 0)
            {
                answer.Ended = true;
                await SendAsync(Ping, 0, 0, new byte[8]);
            }
        }
    }

    /// <summary>The next message of the answer without its frame, or null when the stream has ended.</summary>
    public async Task<byte[]?> ReadMessageAsync()
    {
        const int FrameHead = 5;
        var bytes = new List<byte>();
        while (true)
        {
            (byte type, byte flags, byte[] payload) = await ReadFrameAsync();
            if (type == Data)
            {
                bytes.AddRange(payload);
            }

            if (bytes.Count >= FrameHead && bytes.Count == FrameHead + BinaryPrimitives.ReadInt32BigEndian([.. bytes[1..FrameHead]]))
            {
                return [.. bytes[FrameHead..]];
            }

            if (type is Data or Headers && (flags & EndStream) != 0)
            {
                return null;
            }
        }
    }

    public void Dispose()
    {
        _client.Dispose();
    }

    private static void AppendText(List<byte> block, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int length = bytes.Length;
        if (length < 0x7F)
        {
            block.Add((byte)length);
        }
        else
        {
            block.Add(0x7F);
            for (length -= 0x7F; length >= 0x80; length >>= 7)
            {
                block.Add((byte)(length | 0x80));
            }

            block.Add((byte)length);
        }

        block.AddRange(bytes);
    }

    private async Task SendAsync(byte type, byte flags, int stream, byte[] payload)
    {
        byte[] frame = new byte[HeadBytes + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, HeadBytes);
        await _stream.WriteAsync(frame);
    }

    private async Task<(byte Type, byte Flags, byte[] Payload)> ReadFrameAsync()
    {
        byte[] head = new byte[HeadBytes];
        await _stream.ReadExactlyAsync(head).AsTask().WaitAsync(Patience);
        byte[] payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
        await _stream.ReadExactlyAsync(payload).AsTask().WaitAsync(Patience);
        return (head[3], head[4], payload);
    }
}
