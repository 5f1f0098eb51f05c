using System.Globalization;
using System.Text;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;
using Xunit.Abstractions;

namespace SharpServing.Server.Tests.Transcripts;

/// <summary>
/// Replays what was recorded from the original. A row of expected_failures.tsv names an exchange that differs, and why: the test fails
/// when one differs that is not listed, and when a listed one is the same.
/// </summary>
public sealed class TranscriptTests : IClassFixture<TranscriptServer>
{
    private readonly TranscriptServer _server;
    private readonly ITestOutputHelper _output;

    public TranscriptTests(TranscriptServer server, ITestOutputHelper output)
    {
        _server = server;
        _output = output;
    }

    [Theory(Skip = "Needs the graph runtime")]
    [InlineData("rest_routes")]
    [InlineData("rest_predict")]
    [InlineData("rest_numbers")]
    [InlineData("rest_extra")]
    [InlineData("rest_parser_cases")]
    [InlineData("rest_metadata_status")]
    [InlineData("rest_counter")]
    [InlineData("grpc_predict")]
    [InlineData("grpc_tensors")]
    [InlineData("grpc_metadata_status")]
    public async Task Exchanges_Replayed_AnswerAsRecorded(string file)
    {
        IReadOnlyDictionary<string, string> expected = ExpectedFailures.Of(file);
        var problems = new StringBuilder();
        using var client = new GrpcTestClient(_server.GrpcPort);
        int total = 0;
        int same = 0;
        foreach (Exchange exchange in Exchange.Read(SharedData.PathOf("golden", "tfs_transcripts", $"{file}.jsonl")))
        {
            string? difference = await DifferenceAsync(exchange, client);
            total++;
            same += difference is null ? 1 : 0;
            if (difference is null == expected.ContainsKey(exchange.Id))
            {
                problems.Append(CultureInfo.InvariantCulture, $"{exchange.Id}: {difference ?? "is the same now: take it off the list"}\n");
            }
        }

        _output.WriteLine($"{file}: {same} of {total} the same");
        if (Environment.GetEnvironmentVariable("SHARPSERVING_TRANSCRIPT_REPORT") is { Length: > 0 } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"{file}.txt"), $"{same} of {total}\n{problems}");
        }

        problems.ToString().ShouldBeEmpty();
    }

    private async Task<string?> DifferenceAsync(Exchange exchange, GrpcTestClient client)
    {
        try
        {
            return exchange.IsGrpc ? await Replay.GrpcAsync(exchange, client) : await Replay.RestAsync(exchange, _server.RestPort);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or InvalidOperationException)
        {
            return $"no answer: {e.Message}";
        }
    }
}
