using SharpServing.Conformance.Tests.Grpc;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Monitoring;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Conformance.Tests.Monitoring;

/// <summary>Section M.</summary>
internal static class MonitoringCases
{
    private const string Page = "/monitoring/prometheus/metrics";
    private const string Requests = ":tensorflow:serving:request_count";
    private const string Latency = ":tensorflow:serving:request_latency";

    public static IReadOnlyDictionary<string, Func<Task>> All { get; } = new Dictionary<string, Func<Task>>
    {
        ["M001"] = () => WithServerAsync(async server =>
        {
            RawHttpAnswer answer = await server.RestAsync("GET", Page);
            answer.Status.ShouldBe(200);
            answer.Headers["content-type"].ShouldBe("text/plain");
            answer.Text.ShouldContain("# TYPE");
        }),
        ["M008"] = () => WithServerAsync(async server =>
        {
            await server.RestAsync("GET", "/v1/models/%22abc%5C%22");
            await HasAsync(server, Requests + "{model_name=\"\\\"abc\\\\\\\"\",status=\"NOT_FOUND\"} 1");
        }),
        ["M009"] = () => PrintsAsync(new Counter("metric", "my-name+1"), "metric{my_name_1=\"value\"} 1"),
        ["M010"] = () => PrintsAsync(new Counter("0/path-total_count"), "_0:path:total_count{} 1"),
        ["M011"] = () => WithServerAsync(async server =>
        {
            await server.RestAsync("POST", "/v1/models/default:predict", "{\"instances\":[1.0]}");
            await HasAsync(
                server,
                Requests + "{model_name=\"default\",status=\"OK\"} 1",
                Latency + "_count{model_name=\"default\",API=\"predict\",entrypoint=\"REST\"} 1",
                ":tensorflow:serving:runtime_latency_count{model_name=\"default\",API=\"Predict\",runtime=\"TF1\"} 1");
        }),
        ["M012"] = () => WithServerAsync(async server =>
        {
            await GrpcCalls.GivesAsync(server, GrpcCalls.PredictX(GrpcCalls.Spec("default"), 2), 3);
            await HasAsync(server, Latency + "_count{model_name=\"default\",API=\"Predict\",entrypoint=\"GRPC\"} 1");
        }),
        ["M013"] = () => WithServerAsync(async server =>
        {
            await server.RestAsync("POST", "/v1/models/default:predict", "{");
            await HasAsync(server, Requests + "{model_name=\"default\",status=\"INVALID_ARGUMENT\"} 1");
            (await PageAsync(server)).ShouldNotContain(Latency + "_count");
        }),
        ["M014"] = () => WithServerAsync(async server =>
        {
            await server.RestAsync("GET", "/v1/models/default");
            await HasAsync(
                server,
                Requests + "{model_name=\"default\",status=\"OK\"} 1",
                Latency + "_count{model_name=\"default\",API=\"\",entrypoint=\"REST\"} 1");
        }),
        ["M015"] = () => WithServerAsync(async server =>
        {
            await server.RestAsync("GET", "/v1/foo");
            await HasAsync(server, Requests + "{model_name=\"\",status=\"INVALID_ARGUMENT\"} 1");
        }),
        ["M016"] = () => WithServerAsync(async server =>
        {
            string page = await PageAsync(server);
            page.ShouldEndWith("\n");
            page.ShouldContain("# TYPE " + Requests + " counter\n");
            page.ShouldNotContain(Requests + "{");
        }),
    };

    /// <summary>A server whose page shows nothing but what the test does.</summary>
    public static async Task WithServerAsync(Func<ConformanceServer, Task> test)
    {
        await using ConformanceServer server = await ConformanceServer.StartDefaultAsync(PageFlag);
        await test(server);
    }

    /// <summary>As the cases have it: <c>prometheus_config: { enable: true, path: … }</c>.</summary>
    public static string PageFlag { get; } =
        $"--monitoring_config_file={SharpServing.TestSupport.SharedData.PathOf("models", "_expected", "tensorflow_serving", "monitoring_config.txt")}";

    public static async Task<string> PageAsync(ConformanceServer server) => (await server.RestAsync("GET", Page)).Text;

    public static async Task HasAsync(ConformanceServer server, params string[] lines)
    {
        string[] page = (await PageAsync(server)).Split('\n');
        lines.Except(page).ShouldBeEmpty(string.Join('\n', page.Where(line => line.StartsWith(":tensorflow:serving", StringComparison.Ordinal) && !line.Contains("_bucket", StringComparison.Ordinal))));
    }

    // No metric of the server has such a name: how names are written is seen at the writer of the page.
    private static Task PrintsAsync(Counter counter, string line)
    {
        counter.Add(new LabelValues("value"));
        var page = new System.Buffers.ArrayBufferWriter<byte>();
        PrometheusText.Write([counter], page);
        System.Text.Encoding.UTF8.GetString(page.WrittenSpan).Split('\n').ShouldContain(line);
        return Task.CompletedTask;
    }
}
