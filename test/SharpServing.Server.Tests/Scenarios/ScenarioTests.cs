using System.Text.Json;
using SharpServing.TestSupport;
using Xunit.Abstractions;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>What the original did with flags, files, versions and broken models, step by step.</summary>
public class ScenarioTests
{
    /// <summary>Scenarios that are not the same yet: file, id, and why.</summary>
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["scen_startup flag_grpc_max_threads_1"] = "the number of threads limits nothing yet",
    };

    /// <summary>Differences that may be there: scenario, how they begin, and why. No others may.</summary>
    private static readonly Dictionary<string, (string Beginning, string Reason)> Tolerated = new()
    {
        ["scen_versions one_of_two_versions_bad"] = (
            "no log line I loader_harness.cc] ",
            "a load that is under way when the start fails is finished by the original; ours is given up, if it is not done by then"),
        ["scen_monitoring metrics_counts"] = (
            "metrics: missing :tensorflow:serving:request_count{model_name=\"a; too many :tensorflow:serving:request_count{model_name=\"a\\nb\"",
            "a line feed in a label breaks the original's page; ours escapes it"),
        ["scen_warmup saved_model_config_good"] = (
            "no log line W text_format.cc] Can't print proto content: ",
            "the original prints a message of a type that it does not know"),
    };

    private readonly ITestOutputHelper _output;

    public ScenarioTests(ITestOutputHelper output) => _output = output;

    public static TheoryData<string, string> Recorded()
    {
        var data = new TheoryData<string, string>();
        foreach (string file in new[] { "scen_startup", "scen_versions", "scen_loading", "scen_warmup", "scen_monitoring" })
        {
            foreach (string line in File.ReadLines(SharedData.PathOf("golden", "tfs_transcripts", file + ".jsonl")))
            {
                using JsonDocument scenario = JsonDocument.Parse(line);
                data.Add(file, scenario.RootElement.GetProperty("id").GetString()!);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public async Task Run_Recorded_SameAnswers(string file, string id)
    {
        foreach (string line in File.ReadLines(SharedData.PathOf("golden", "tfs_transcripts", file + ".jsonl")))
        {
            using JsonDocument scenario = JsonDocument.Parse(line);
            if (scenario.RootElement.GetProperty("id").GetString() != id)
            {
                continue;
            }

            await using var runner = new ScenarioRunner();
            await runner.RunAsync(scenario.RootElement);
            _output.WriteLine($"{runner.Compared - runner.Differences.Count} of {runner.Compared} the same");
            bool isExpected = Expected.TryGetValue($"{file} {id}", out string? reason);
            if (isExpected)
            {
                _output.WriteLine($"expected to differ: {reason}\n{string.Join('\n', runner.Differences)}");
                runner.Differences.ShouldNotBeEmpty($"{file} {id} is the same now: take it off the list ({reason})");
            }
            else
            {
                runner.Differences
                    .Where(difference => !Tolerated.TryGetValue($"{file} {id}", out (string Beginning, string Reason) tolerated)
                        || !difference.StartsWith(tolerated.Beginning, StringComparison.Ordinal))
                    .ShouldBeEmpty();
            }

            return;
        }

        throw new InvalidOperationException($"{file} has no {id}");
    }
}
