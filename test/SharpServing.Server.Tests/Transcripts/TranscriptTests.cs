using System.Globalization;
using System.Text;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;
using Xunit.Abstractions;

namespace SharpServing.Server.Tests.Transcripts;

/// <summary>
/// Replays what was recorded from the original against the program that was built. A row of expected_failures.tsv names an exchange that differs, and why: the test fails
/// when one differs that is not listed, and when a listed one is the same.
/// </summary>
public sealed class TranscriptTests : IClassFixture<TranscriptServer>
{
    /// <summary>In the answers of models that need an op which is not there yet. They prove nothing, and are only counted.</summary>
    private const string Refusal = "SharpServing does not support";

    private readonly TranscriptServer _server;
    private readonly ITestOutputHelper _output;

    public TranscriptTests(TranscriptServer server, ITestOutputHelper output)
    {
        _server = server;
        _output = output;
    }

    [Theory]
    [InlineData("rest_routes")]
    [InlineData("rest_predict")]
    [InlineData("rest_numbers")]
    [InlineData("rest_extra")]
    [InlineData("rest_parser_cases")]
    [InlineData("rest_metadata_status")]
    [InlineData("grpc_predict")]
    [InlineData("grpc_tensors")]
    [InlineData("grpc_metadata_status")]
    [InlineData("grpc_classify_regress")]
    [InlineData("grpc_multi_inference")]
    [InlineData("rest_classify_regress")]
    public Task Exchanges_Replayed_AnswerAsRecorded(string file) => ReplayAsync(file, _server);

    /// <summary>Counters begin at 0: these have a server of their own.</summary>
    [Fact]
    public async Task Counters_Replayed_AnswerAsRecorded()
    {
        var server = new TranscriptServer();
        await server.InitializeAsync();
        await ReplayAsync("rest_counter", server);
        await server.DisposeAsync();
    }

    private async Task ReplayAsync(string file, TranscriptServer server)
    {
        IReadOnlyDictionary<string, string> expected = ExpectedFailures.Of(file);
        var problems = new StringBuilder();
        using var client = new GrpcTestClient(server.GrpcPort);
        int total = 0;
        int same = 0;
        int refused = 0;
        foreach (Exchange exchange in Exchange.Read(SharedData.PathOf("golden", "tfs_transcripts", $"{file}.jsonl")))
        {
            string? difference = await DifferenceAsync(exchange, client, server.RestPort);
            total++;
            same += difference is null ? 1 : 0;
            if (difference is not null && difference.Contains(Refusal, StringComparison.Ordinal))
            {
                refused++;
                continue;
            }

            if (difference is null == expected.ContainsKey(exchange.Id))
            {
                problems.Append(CultureInfo.InvariantCulture, $"{exchange.Id}: {difference ?? "is the same now: take it off the list"}\n");
            }
        }

        _output.WriteLine($"{file}: {same} of {total} the same, {refused} on what is not supported yet");
        if (Environment.GetEnvironmentVariable("SHARPSERVING_TRANSCRIPT_REPORT") is { Length: > 0 } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"{file}.txt"), $"{file} {same} of {total}, refused {refused}\n{problems}");
        }

        problems.ToString().ShouldBeEmpty();
    }

    private static async Task<string?> DifferenceAsync(Exchange exchange, GrpcTestClient client, int restPort)
    {
        try
        {
            return exchange.IsGrpc ? await Replay.GrpcAsync(exchange, client) : await Replay.RestAsync(exchange, restPort);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or InvalidOperationException)
        {
            return $"no answer: {e.Message}";
        }
    }
}
