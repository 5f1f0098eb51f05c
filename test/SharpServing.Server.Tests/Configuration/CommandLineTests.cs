using System.Text.Json;
using SharpServing.Server.Configuration;
using SharpServing.Server.Logging;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;

namespace SharpServing.Server.Tests.Configuration;

public class CommandLineTests
{
    private readonly RecordingLog _log = new();

    // scen_startup, flag_port_abc: the page of the original on a machine with 2 cores.
    [Fact]
    public void Usage_Page_IsTheOriginals()
    {
        string[] recorded = [];
        foreach (string line in File.ReadLines(SharedData.PathOf("golden", "tfs_transcripts", "scen_startup.jsonl")))
        {
            using JsonDocument scenario = JsonDocument.Parse(line);
            if (scenario.RootElement.GetProperty("id").GetString() == "flag_port_abc")
            {
                JsonElement last = scenario.RootElement.GetProperty("steps").EnumerateArray().Last();
                recorded = [.. last.GetProperty("stdout").EnumerateArray().Select(text => text.GetString()!)];
            }
        }

        int cores = Environment.ProcessorCount;
        string[] expected =
        [
            .. recorded.Select(text => text
                .Replace("--rest_api_num_threads=8         ", $"--rest_api_num_threads={4 * cores}".PadRight(33), StringComparison.Ordinal)
                .Replace("--grpc_max_threads=8             ", $"--grpc_max_threads={4 * cores}".PadRight(33), StringComparison.Ordinal)
                .Replace("--num_tflite_pools=2             ", $"--num_tflite_pools={cores}".PadRight(33), StringComparison.Ordinal)),
        ];
        expected.Length.ShouldBe(2 + ModelServerFlags.All.Count(static flag => flag.Effect != FlagEffect.Own));
        CommandLine.Usage("tensorflow_model_server", withOwn: false).TrimEnd('\n').Split('\n').ShouldBe(expected);
    }

    [Fact]
    public void Usage_WithOwnFlags_HasThemInASectionOfTheirOwn()
    {
        string[] parts = CommandLine.Usage("sharpserving serve", withOwn: true).Split("\nFlags that tensorflow_model_server does not have:\n");
        parts.Length.ShouldBe(2);
        parts[0].ShouldBe(CommandLine.Usage("sharpserving serve", withOwn: false));
        foreach (Flag flag in ModelServerFlags.All)
        {
            parts[1].Contains($"\t--{flag.Name}=", StringComparison.Ordinal).ShouldBe(flag.Effect == FlagEffect.Own, flag.Name);
        }
    }

    public static TheoryData<string, string> Values => new()
    {
        { "--port=9000", "Port 9000" },
        { "--port= 9000", "Port 9000" },
        { "--port=9000 ", "Port 9000" },
        { "--port=+9000", "Port 9000" },
        { "--port=-1", "Port -1" },
        { "--port=70000", "Port 70000" },
        { "--load_retry_interval_micros=-1", "LoadRetryIntervalMicros -1" },
        { "--load_retry_interval_micros=9223372036854775807", "LoadRetryIntervalMicros 9223372036854775807" },
        { "--enable_batching", "EnableBatching True" },
        { "--enable_batching=TRUE", "EnableBatching True" },
        { "--enable_batching=1", "EnableBatching True" },
        { "--flush_filesystem_caches=0", "FlushFilesystemCaches False" },
        { "--flush_filesystem_caches=False", "FlushFilesystemCaches False" },
        { "--model_name=", "ModelName " },
        { "--model_name=a=b", "ModelName a=b" },
        { "--saved_model_tags= serve", "SavedModelTags  serve" },
        { "--per_process_gpu_memory_fraction=0.5", "PerProcessGpuMemoryFraction 0.5" },
        { "--shutdown_grace_period_seconds=20", "ShutdownGracePeriodSeconds 20" },
        { "--request_log_file_bytes=1000", "RequestLogFileBytes 1000" },
        { "--otlp_endpoint=http://localhost:4318", "OtlpEndpoint http://localhost:4318" },
        { "--otlp_trace_sampling_rate=0.25", "OtlpTraceSamplingRate 0.25" },
        { "--otlp_metric_interval_seconds=5", "OtlpMetricIntervalSeconds 5" },
        { "--request_log_max_files=3", "RequestLogMaxFiles 3" },
        { "--request_log_queue_bytes=9999999999", "RequestLogQueueBytes 9999999999" },
        { "--shutdown_limit_seconds=0", "ShutdownLimitSeconds 0" },
        { "--model_config_file_poll_wait_seconds=3", "ModelConfigFilePollWaitSeconds 3" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Parse_Value_IsStored(string argument, string expected)
    {
        CommandLine line = Parse(argument);
        line.IsValid.ShouldBeTrue();
        line.Unknown.ShouldBeEmpty();
        string property = expected[..expected.IndexOf(' ', StringComparison.Ordinal)];
        object? value = typeof(ModelServerOptions).GetProperty(property)!.GetValue(line.Options);
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{property} {value}").ShouldBe(expected);
    }

    [Theory]
    [InlineData("--port=abc", "abc", "port")]
    [InlineData("--port=", "", "port")]
    [InlineData("--port=8500.5", "8500.5", "port")]
    [InlineData("--port=2147483648", "2147483648", "port")]
    [InlineData("--port=0x10", "0x10", "port")]
    [InlineData("--load_retry_interval_micros=99999999999999999999", "99999999999999999999", "load_retry_interval_micros")]
    [InlineData("--enable_batching=yes", "yes", "enable_batching")]
    [InlineData("--enable_batching=", "", "enable_batching")]
    [InlineData("--per_process_gpu_memory_fraction=half", "half", "per_process_gpu_memory_fraction")]
    public void Parse_BadValue_IsInvalidAndSaidSo(string argument, string value, string flag)
    {
        Parse(argument).IsValid.ShouldBeFalse();
        _log.Lines.ShouldBe([$"E command_line_flags.cc] Couldn't interpret value {value} for flag {flag}."]);
    }

    [Theory]
    [InlineData("--noenable_batching")]
    [InlineData("--Port=1")]
    [InlineData("-port=1")]
    [InlineData("--port")]
    [InlineData("--port_x=1")]
    [InlineData("--model_base_path")]
    [InlineData("no_such")]
    [InlineData("--")]
    [InlineData("-- --version")]
    [InlineData("--no_such_flag=1")]
    public void Parse_UnknownArgument_IsKept(string arguments)
    {
        string[] list = arguments.Split(' ');
        CommandLine line = Parse(list);
        line.IsValid.ShouldBeTrue();
        line.Unknown.ShouldBe(list);
        line.Options.Version.ShouldBeFalse();
    }

    [Fact]
    public void Parse_FlagTwice_LaterWins()
    {
        CommandLine line = Parse("--port=1", "--port=2");
        line.Options.Port.ShouldBe(2);
        line.Given.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false, "--help")]
    [InlineData(false, "--version", "--help")]
    [InlineData(false, "--help", "--version")]
    [InlineData(true, "x", "--help")]
    public void Parse_Help_OnlyAsFirstUnknown(bool valid, params string[] arguments) => Parse(arguments).IsValid.ShouldBe(valid);

    [Fact]
    public void Flags_Names_AreDistinct() =>
        ModelServerFlags.All.Select(flag => flag.Name).Distinct().Count().ShouldBe(ModelServerFlags.All.Length);

    private CommandLine Parse(params string[] arguments) => CommandLine.Parse(arguments, new ServerLog(_log));
}
