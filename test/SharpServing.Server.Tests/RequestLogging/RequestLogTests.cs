using SharpServing.SavedModel;
using SharpServing.Server.Logging;
using SharpServing.Server.Monitoring;
using SharpServing.Server.RequestLogging;
using SharpServing.Server.Tests.Support;
using SharpServing.Serving;

namespace SharpServing.Server.Tests.RequestLogging;

/// <summary>Which requests are taken, and what the files and the queue may hold.</summary>
public sealed class RequestLogTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("request-log-").FullName;
    private readonly ServingMetrics _metrics = new();
    private readonly RecordingLog _log = new();
    private RequestLogs? _logs;

    private string Prefix => Path.Combine(_folder, "sub", "log");

    public async ValueTask DisposeAsync()
    {
        if (_logs is not null)
        {
            await _logs.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("file", "/tmp/x", false)]
    [InlineData("", "", false)]
    [InlineData("tfrecord", "/tmp/x", true)]
    public void Apply_UnknownCollector_HasTheOriginalsText(string type, string prefix, bool custom) =>
        Logs().Apply([Model("m", 1, type, prefix, custom)]).ShouldBe(ServingStatus.InvalidArgument("No request-logger-creator provided."));

    [Theory]
    [InlineData("relative/x")]
    [InlineData("/tmp/")]
    [InlineData("")]
    public void Apply_PrefixWithoutPlace_IsRefused(string prefix) => Logs().Apply([Model("m", 1, prefix: prefix)]).Code.ShouldBe(StatusCode.InvalidArgument);

    [Fact]
    public async Task Apply_FolderCannotBeMade_IsTheFilesError()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "sub"), "a file");
        Logs().Apply([Model("m", 1)]).IsOk.ShouldBeFalse();
        Logs().Sample("m").ShouldBeNull();
    }

    [Fact]
    public void Sample_Rates_TakeThatPart()
    {
        Logs().Apply([Model("all", 1), Model("none", 0), Model("half", 0.5)]).ShouldBe(ServingStatus.Ok);
        Count("all").ShouldBe(1000);
        Count("none").ShouldBe(0);
        Count("other").ShouldBe(0);
        Count("half").ShouldBeInRange(300, 700);
        Logs().Apply([new ServedModelConfig { Name = "all", BasePath = "/m" }]).ShouldBe(ServingStatus.Ok);
        Count("all").ShouldBe(0);

        int Count(string model) => Enumerable.Range(0, 1000).Count(_ => Logs().Sample(model) is not null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sample_NotTaken_AllocatesNothing(bool hasLogs)
    {
        RequestLogs logs = Logs();
        logs.Apply(hasLogs ? [Model("m", 1e-300)] : []).ShouldBe(ServingStatus.Ok);
        logs.Sample("m");
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            logs.Sample("m");
            logs.Sample("other");
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    // Two records fit in a file; the fifth file makes the first one go.
    [Fact]
    public async Task Add_MoreThanTheFilesMayHold_OldestAreDeleted()
    {
        await using (var sink = Sink(new RequestLogLimits { FileBytes = 2 * TfRecords.SizeOf(100), MaxFiles = 3 }))
        {
            for (byte i = 0; i < 9; i++)
            {
                sink.Add("m", [.. Enumerable.Repeat(i, 100)]);
            }
        }

        Files().ShouldBe(["log-000003.tfrecord", "log-000004.tfrecord", "log-000005.tfrecord"]);
        Records("log-000003.tfrecord").ShouldBe([4, 5]);
        Records("log-000005.tfrecord").ShouldBe([8]);

        // A later process goes on behind them.
        await using (var sink = Sink(new RequestLogLimits { MaxFiles = 3 }))
        {
            sink.Add("m", [9]);
        }

        Files().ShouldBe(["log-000004.tfrecord", "log-000005.tfrecord", "log-000006.tfrecord"]);
        Counts().ShouldContain("request_log_count{model_name=\"m\",status_code=\"OK\"} 10");
    }

    [Fact]
    public async Task Add_FullQueue_DropsAndCounts()
    {
        await using (var sink = Sink(new RequestLogLimits { QueueBytes = 10 }))
        {
            sink.Add("m", new byte[11]);
            sink.Add("m", [1]);
        }

        Records("log-000001.tfrecord").ShouldBe([1]);
        Counts().ShouldContain("request_log_count{model_name=\"m\",status_code=\"RESOURCE_EXHAUSTED\"} 1");
        Counts().ShouldContain("request_log_count{model_name=\"m\",status_code=\"OK\"} 1");
    }

    [Fact]
    public async Task Add_FolderGone_IsCountedAndSaidOnce()
    {
        await using (var sink = Sink(new RequestLogLimits()))
        {
            Directory.Delete(Path.Combine(_folder, "sub"), recursive: true);
            sink.Add("m", [1]);
            sink.Add("m", [2]);
        }

        Counts().ShouldContain("request_log_count{model_name=\"m\",status_code=\"UNAVAILABLE\"} 2");
        _log.Lines.ShouldHaveSingleItem().ShouldStartWith($"E server.cc] A record of the request log {Prefix} could not be written: ");
    }

    private RequestLogs Logs() => _logs ??= new RequestLogs(new RequestLogLimits(), ["serve"], _metrics, TimeProvider.System, new ServerLog(_log));

    private RequestLogSink Sink(RequestLogLimits limits)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "sub"));
        return new RequestLogSink(Prefix, limits, _metrics, new ServerLog(_log));
    }

    private string[] Files() => [.. Directory.EnumerateFiles(Path.Combine(_folder, "sub")).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>The first byte of each record.</summary>
    private int[] Records(string file) => [.. TfRecords.Read(Path.Combine(_folder, "sub", file)).Select(static record => (int)record[0])];

    private string Counts()
    {
        var page = new System.Buffers.ArrayBufferWriter<byte>();
        PrometheusText.Write(_metrics.All, page);
        return System.Text.Encoding.UTF8.GetString(page.WrittenSpan);
    }

    private ServedModelConfig Model(string name, double rate, string type = RequestLogs.TfRecord, string? prefix = null, bool custom = false) => new()
    {
        Name = name,
        BasePath = "/m",
        RequestLog = new RequestLogConfig { CollectorType = type, FilenamePrefix = prefix ?? Prefix, SamplingRate = rate, HasCustomConfig = custom },
    };
}
