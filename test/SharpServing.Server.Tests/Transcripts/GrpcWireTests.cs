using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;

namespace SharpServing.Server.Tests.Transcripts;

/// <summary>
/// Requests made by hand on the gRPC port. A status without a message comes in one frame there and in two here, and answers have a date
/// here (docs/compatibility.md); that apart, headers, message, trailers and the end of the stream are compared.
/// </summary>
public sealed class GrpcWireTests : IClassFixture<TranscriptServer>
{
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    /// <summary>Statuses of gRPC's own transport: by code.</summary>
    private static readonly string[] OwnTexts = ["Missing :te header", "Missing :authority header", "Bad method header", "Failed parsing HTTP/2"];

    private readonly TranscriptServer _server;

    public GrpcWireTests(TranscriptServer server) => _server = server;

    [Fact]
    public async Task Frames_Sent_AreAnsweredAsRecorded()
    {
        IReadOnlyDictionary<string, string> expected = ExpectedFailures.Of("grpc_wire");
        Exchange[] exchanges = [.. Exchange.Read(SharedData.PathOf("golden", "tfs_transcripts", "grpc_wire.jsonl"))];
        string?[] differences = await Task.WhenAll(exchanges.Select(exchange => DifferenceAsync(exchange, _server.GrpcPort)));
        var problems = new StringBuilder();
        for (int i = 0; i < exchanges.Length; i++)
        {
            if (differences[i] is null == expected.ContainsKey(exchanges[i].Id))
            {
                problems.Append(CultureInfo.InvariantCulture, $"{exchanges[i].Id}: {differences[i] ?? "is the same now: take it off the list"}\n");
            }
        }

        exchanges.Length.ShouldBeGreaterThan(40);
        problems.ToString().ShouldBeEmpty();
    }

    private static Task<string?> DifferenceAsync(Exchange exchange, int port) =>
        exchange.Json.TryGetProperty("send", out JsonElement bytes) ? BytesAsync(exchange.Json, Exchange.BytesOf(bytes), port) : FramesAsync(exchange.Json, port);

    private static async Task<string?> FramesAsync(JsonElement json, int port)
    {
        JsonElement[] events = [.. json.GetProperty("events").EnumerateArray()];
        byte[][] pieces = [.. json.GetProperty("data").EnumerateArray().Select(Exchange.BytesOf)];
        bool ends = json.GetProperty("about").GetString() != "not ended";
        using RawHttp2Client client = await RawHttp2Client.ConnectAsync(port);
        await client.SendHeadersAsync(json.GetProperty("headers").EnumerateArray().Select(Pair), ends && pieces.Length == 0);
        for (int i = 0; i < pieces.Length; i++)
        {
            await client.SendDataAsync(pieces[i], ends && i == pieces.Length - 1);
        }

        string got = Show(await client.ReadAsync());
        string wanted = Show(Recorded(events));
        return got == wanted ? null : $"{got}\n      not {wanted}";
    }

    private static RawHttp2Answer Recorded(JsonElement[] events)
    {
        var answer = new RawHttp2Answer();
        foreach (JsonElement step in events)
        {
            if (step.ValueKind == JsonValueKind.String)
            {
                answer.Ended |= step.GetString() == "end of stream";
            }
            else if (step.TryGetProperty("headers", out JsonElement headers))
            {
                answer.Headers.AddRange(headers.EnumerateArray().Select(Pair));
            }
            else if (step.TryGetProperty("trailers", out JsonElement trailers))
            {
                answer.Trailers.AddRange(trailers.EnumerateArray().Select(Pair));
            }
            else if (step.TryGetProperty("data", out JsonElement data))
            {
                answer.Data.AddRange(Exchange.BytesOf(data));
            }
            else
            {
                answer.Reset = step.GetProperty("rst_stream").GetInt32();
            }
        }

        return answer;
    }

    private static string Show(RawHttp2Answer answer)
    {
        IEnumerable<(string Name, string Value)> headers = answer.Headers.Where(static header => header.Name != "date");
        IEnumerable<(string Name, string Value)> trailers = answer.Trailers;
        if (answer.Data.Count == 0)
        {
            headers = headers.Concat(trailers);
            trailers = [];
        }

        return $"{Text(headers)} | {Normal(answer.Data)} | {Text(trailers)} | ended {answer.Ended}, reset {answer.Reset}, goaway {answer.GoAway}";
    }

    /// <summary>Messages field by field.</summary>
    private static string Normal(List<byte> data)
    {
        byte[] bytes = [.. data];
        return bytes.Length < 5 ? Convert.ToHexString(bytes) : Tensorflow.Serving.PredictResponse.Parser.ParseFrom(bytes, 5, bytes.Length - 5).ToString();
    }

    /// <summary>Their order means nothing.</summary>
    private static string Text(IEnumerable<(string Name, string Value)> headers) => string.Join(
        ", ",
        headers.Where(static header => header.Name != "grpc-message" || !OwnTexts.Contains(header.Value))
            .Select(static header => $"{header.Name}: {header.Value}")
            .Order(StringComparer.Ordinal));

    private static (string Name, string Value) Pair(JsonElement header) => (header[0].GetString()!, header[1].GetString()!);

    private static List<byte> FrameTypes(ReadOnlySpan<byte> bytes)
    {
        var types = new List<byte>();
        while (!bytes.IsEmpty)
        {
            types.Add(bytes[3]);
            bytes = bytes[(9 + (bytes[0] << 16) + (bytes[1] << 8) + bytes[2])..];
        }

        return types;
    }

    /// <summary>What is no HTTP/2.</summary>
    private static async Task<string?> BytesAsync(JsonElement json, byte[] bytes, int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        await client.Client.SendAsync(bytes);
        var received = new List<byte>();
        byte[] buffer = new byte[4096];
        bool closed = false;
        bool staysOpen = json.GetProperty("end").GetString() != "closed by server";
        using var silence = new CancellationTokenSource(staysOpen ? Silence : TimeSpan.FromSeconds(30));
        try
        {
            while (!closed)
            {
                int count = await client.Client.ReceiveAsync(buffer, silence.Token);
                received.AddRange(buffer.AsSpan(0, count));
                closed = count == 0;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            closed = e is SocketException;
        }

        if (closed == staysOpen)
        {
            return $"closed: {closed}";
        }

        // Which settings a server has is its own affair; some have the size of a window behind them.
        byte[] recorded = Exchange.BytesOf(json, "receive");
        return FrameTypes(recorded).Take(1).SequenceEqual(FrameTypes([.. received])) ? null : Convert.ToHexString([.. received]);
    }
}
