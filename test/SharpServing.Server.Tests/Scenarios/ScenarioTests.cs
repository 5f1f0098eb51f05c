using System.Diagnostics;
using System.Text.Json;
using Xunit.Abstractions;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>What the original did with flags, files, versions and broken models, step by step.</summary>
public sealed class ScenarioTests : IClassFixture<ScenarioQueue>
{
    private const string Garbage = "the original answers garbage or dies (fields that are not there are read)";
    private const string Death = "the original dies; here it is an error";
    private const string StableHlo = "the model needs XlaCallModule (StableHLO), which is not supported yet";
    private const string Hang = "the original's call never returns and blocks all later ones";

    /// <summary>Scenarios that are not the same: file and id, and why.</summary>
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["scen_modes mode_tensor_content_rest_0"] = Garbage,
        ["scen_modes mode_tensor_content_rest_1"] = Garbage,
        ["scen_modes mode_tensor_content_rest_2"] = Garbage,
        ["scen_modes mode_tensor_content_rest_3"] = Garbage,
        ["scen_modes mode_tensor_content_rest_4"] = Garbage,
        ["scen_modes mode_tensor_content_rest_6"] = Garbage,
        ["scen_modes mode_tensor_content_rest_7"] = Garbage,
        ["scen_batching batch_param_zero_size"] = Death,
        ["scen_batching batch_param_neg_timeout"] = Death,
        ["scen_batching batch_param_exec_gt_max"] = Death,
        ["scen_batching batch_pad_ranks"] = Death,
        ["scen_batching batch_pad_ranks_high"] = Death,
        ["scen_textproto text_batch_value_missing"] = Death,
        ["scen_batching batch_zero_rows_timeout"] = "a request without rows is answered; the original has it wait for another",
        ["scen_xla xla_jax_mlp_native_default"] = StableHlo,
        ["scen_xla xla_jax_mlp_native_cpu"] = StableHlo,
        ["scen_xla xla_jax_scan_native_default"] = StableHlo,
        ["scen_xla xla_jax_scan_native_gpu"] = StableHlo,
        ["scen_reloads reload_missing_dir"] = Hang,
        ["scen_reloads reload_empty_dir"] = Hang,
    };

    /// <summary>Differences that may be there: scenario, how they begin, and why. No others may.</summary>
    private static readonly Dictionary<string, (string[] Beginnings, string Reason)> Tolerated = new()
    {
        ["scen_under_load load_reload"] = (
            [
                "/tensorflow.serving.ModelService/HandleReloadConfigRequest: OK, recorded UNKNOWN: 1 model(s) did not become available: ",
                "no log line E model_service_impl.cc] ReloadConfig failed: 1 model(s) did not become available: ",
            ],
            "a wait for the model that begins while its last version ends may see that end"),
        ["scen_versions one_of_two_versions_bad"] = (
            ["no log line I loader_harness.cc] "],
            "a load that is under way when the start fails is finished by the original; ours is given up, if it is not done by then"),
        ["scen_monitoring metrics_counts"] = (
            ["metrics: missing :tensorflow:serving:request_count{model_name=\"a; too many :tensorflow:serving:request_count{model_name=\"a\\nb\""],
            "a line feed in a label breaks the original's page; ours escapes it"),
        ["scen_reloads reload_move_path"] = (
            ["/v1/models/default: "],
            "a changed path is looked at at once, not at the next poll"),
        ["scen_batching batch_queue_timeout"] = (
            [
                "in parallel: HTTP/1.1 200 OK, recorded HTTP/1.1 429 Client Error: ",
                "metrics: missing :tensorflow:serving:batching_session:padding_size_count{execution_batch_size=\"1\"} 3 ",
            ],
            "a loop ends with its deadline; in the original it goes on for a while, so that the next task's deadline passes too"),
        ["scen_warmup saved_model_config_good"] = (
            ["no log line W text_format.cc] Can't print proto content: "],
            "the original prints a message of a type that it does not know"),
    };

    /// <summary>Turns of loops, which are to take longer than something else: more are needed here. Scenario, recorded number, number.</summary>
    private static readonly Dictionary<string, (string Recorded, string Number)> Turns = new()
    {
        ["scen_loading2 inflight_keeps_version"] = ("700000", "12000000"),
        ["scen_batching batch_queue_timeout"] = ("400000", "90000000"),
    };

    private static readonly string[] Files =
    [
        "scen_startup", "scen_versions", "scen_loading", "scen_warmup", "scen_monitoring", "scen_reloads", "scen_loading2", "scen_modes",
        "scen_under_load", "scen_textproto", "scen_batching", "scen_tls", "scen_xla",
    ];

    private readonly ScenarioQueue _queue;
    private readonly ITestOutputHelper _output;

    public ScenarioTests(ScenarioQueue queue, ITestOutputHelper output)
    {
        _queue = queue;
        _output = output;
    }

    public static TheoryData<string, string> Recorded()
    {
        var data = new TheoryData<string, string>();
        foreach (string[] name in Files.SelectMany(ScenarioQueue.Read).Select(scenario => scenario.Name.Split(' ', 2)))
        {
            data.Add(name[0], name[1]);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public async Task Run_Recorded_SameAnswers(string file, string id)
    {
        string name = $"{file} {id}";
        ScenarioResult result = await _queue.ResultAsync(name, Files, PlayAsync);
        _output.WriteLine($"{result.Compared - result.Differences.Count} of {result.Compared} the same, in {result.Took.TotalSeconds:0.0} s");
        if (Expected.TryGetValue(name, out string? reason))
        {
            _output.WriteLine($"expected to differ: {reason}\n{string.Join('\n', result.Differences)}");
            result.IsAsExpected.ShouldBeTrue($"{name} is the same now: take it off the list ({reason})");
        }
        else
        {
            result.IsAsExpected.ShouldBeTrue(string.Join('\n', result.Differences));
        }
    }

    private static async Task<ScenarioResult> PlayAsync(string name, string line)
    {
        var clock = Stopwatch.StartNew();
        (string recorded, string number) = Turns.GetValueOrDefault(name, (" ", " "));
        using JsonDocument scenario = JsonDocument.Parse(line.Replace(recorded, number, StringComparison.Ordinal));
        bool differs = Expected.ContainsKey(name);
        await using var runner = new ScenarioRunner { Patience = TimeSpan.FromSeconds(differs ? 3 : 30) };
        await runner.RunAsync(scenario.RootElement);
        string[] beginnings = Tolerated.TryGetValue(name, out (string[] Beginnings, string Reason) tolerated) ? tolerated.Beginnings : [];
        bool isSame = runner.Differences.All(difference => Array.Exists(beginnings, beginning => difference.StartsWith(beginning, StringComparison.Ordinal)));
        return new ScenarioResult(runner.Compared, runner.Differences, clock.Elapsed) { IsAsExpected = isSame != differs };
    }
}
