using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;

namespace SharpServing.Server.Tests.Transcripts;

/// <summary>Raw bytes on the REST port: pipelining, chunks, broken requests, gzip. The program that was built answers them.</summary>
public sealed partial class HttpOddTests : IClassFixture<TranscriptServer>
{
    private readonly TranscriptServer _server;

    public HttpOddTests(TranscriptServer server) => _server = server;

    [Fact]
    public async Task Bytes_Sent_AreAnsweredAsRecorded()
    {
        IReadOnlyDictionary<string, string> expected = ExpectedFailures.Of("http_odd");
        Exchange[] exchanges = [.. Exchange.Read(SharedData.PathOf("golden", "tfs_transcripts", "http_odd.jsonl")).Where(IsComplete)];
        string?[] differences = await Task.WhenAll(exchanges.Select(e => DifferenceAsync(e, expected.ContainsKey(e.Id))));
        var problems = new StringBuilder();
        for (int i = 0; i < exchanges.Length; i++)
        {
            if (differences[i] is null == expected.ContainsKey(exchanges[i].Id))
            {
                problems.Append(CultureInfo.InvariantCulture, $"{exchanges[i].Id}: {differences[i] ?? "is the same now: take it off the list"}\n");
            }
        }

        exchanges.Length.ShouldBeGreaterThan(60);
        problems.ToString().ShouldBeEmpty();
    }

    [GeneratedRegex("(?m)^Date: .*\r$", RegexOptions.NonBacktracking)]
    private static partial Regex Date();

    /// <summary>Large pieces are recorded by their checksum only.</summary>
    private static bool IsComplete(Exchange exchange) =>
        exchange.Json.GetProperty("send").EnumerateArray().All(p => p.ValueKind == JsonValueKind.String || p.TryGetProperty("b64", out _));

    /// <summary>An exchange that is expected to differ is given the time to do so.</summary>
    private async Task<string?> DifferenceAsync(Exchange exchange, bool differs)
    {
        bool halfClose = exchange.Json.TryGetProperty("about", out JsonElement about) && about.GetString()!.Contains("half-close", StringComparison.Ordinal);
        byte[][] pieces = [.. exchange.Json.GetProperty("send").EnumerateArray().Select(Exchange.BytesOf)];
        bool wasClosed = exchange.Json.GetProperty("closed_by_server").ToString() != "False";
        byte[] recorded = Exchange.BytesOf(exchange.Json, "receive");
        (byte[] bytes, bool closed) = await RawHttpClient.ExchangeAsync(
            _server.RestPort, pieces, wasClosed ? int.MaxValue : differs ? recorded.Length + 1 : recorded.Length, halfClose);
        string got = Date().Replace(Encoding.Latin1.GetString(bytes), "Date: *\r");
        string want = Encoding.Latin1.GetString(recorded);
        if (got != want)
        {
            return $"{got}\n      not {want}";
        }

        return closed == wasClosed ? null : $"closed: {closed}, not {wasClosed}";
    }
}
