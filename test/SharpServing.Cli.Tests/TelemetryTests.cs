using System.Net;
using System.Text;
using SharpServing.TestSupport;

namespace SharpServing.Cli.Tests;

/// <summary>Metrics and spans as an OpenTelemetry receiver gets them. In a process of its own: spans are switched on for a whole process.</summary>
public sealed class TelemetryTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string RestSpan = "00f067aa0ba902b7";
    private const string GrpcSpan = "00f067aa0ba902b8";

    [Fact]
    public async Task Otlp_Requests_AreSpansBelowTheirCallersAndCounted()
    {
        await using var receiver = new OtlpReceiver();
        int grpc = ServerProcess.FreePort();
        int rest = ServerProcess.FreePort();
        await using (ServerProcess server = await ServerProcess.StartAsync(
            ServerProcess.Program,
            "Exporting HTTP/REST API at:localhost:",
            "serve",
            $"--port={grpc}",
            $"--rest_api_port={rest}",
            "--model_name=half",
            $"--model_base_path={SharedData.PathOf("models", "tfs_half_plus_two_cpu")}",
            $"--otlp_endpoint=http://127.0.0.1:{receiver.Port}",
            "--otlp_trace_sampling_rate=0"))
        {
            using var client = new HttpClient();
            (await PostAsync(client, rest, "half:predict", RestSpan)).ShouldBe(HttpStatusCode.OK);
            (await PostAsync(client, rest, "none:predict", RestSpan)).ShouldBe(HttpStatusCode.NotFound);

            // Without a sampled parent the rate decides: this one is not sent.
            using HttpResponseMessage status = await client.GetAsync(new Uri($"http://127.0.0.1:{rest}/v1/models/half/versions/123"));
            status.StatusCode.ShouldBe(HttpStatusCode.OK);

            // PredictRequest { model_spec { name: "half" } }: an answer with an error.
            byte[] message = [0, 0, 0, 0, 8, 0x0A, 6, 0x0A, 4, .. "half"u8];
            using var call = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{grpc}/tensorflow.serving.PredictionService/Predict")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(message),
            };
            call.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
            call.Headers.TryAddWithoutValidation("te", "trailers");
            call.Headers.TryAddWithoutValidation("traceparent", $"00-{TraceId}-{GrpcSpan}-01");
            using HttpResponseMessage answer = await client.SendAsync(call);
            await answer.Content.ReadAsByteArrayAsync();
            answer.TrailingHeaders.GetValues("grpc-status").Single().ShouldBe("3");

            // What is left is sent when the server stops.
            (await server.StopAsync("TERM")).ShouldBe(0, server.Text);
        }

        byte[] spans = [.. receiver.Bodies("/v1/traces").SelectMany(static body => body)];
        Count(spans, Convert.FromHexString(TraceId)).ShouldBe(3);
        Count(spans, Convert.FromHexString(RestSpan)).ShouldBe(2);
        Count(spans, Convert.FromHexString(GrpcSpan)).ShouldBe(1);
        foreach (string text in new[]
        {
            "sharpserving", "POST /v1/models/{model}:predict", "http.request.method", "http.route", "http.response.status_code", "url.path", "/v1/models/none:predict",
            "tensorflow.serving.PredictionService/Predict", "rpc.system", "grpc", "rpc.service", "tensorflow.serving.PredictionService", "rpc.method",
            "rpc.grpc.status_code", "sharpserving.model.name",
        })
        {
            Count(spans, Encoding.UTF8.GetBytes(text)).ShouldBeGreaterThan(0, text);
        }

        Count(spans, "GET /v1/models"u8.ToArray()).ShouldBe(0);

        byte[] metrics = receiver.Bodies("/v1/metrics")[^1];
        foreach (string text in new[]
        {
            "tensorflow.serving.request_count", "model_name", "half", "none", "NOT_FOUND", "INVALID_ARGUMENT", "tensorflow.serving.request_latency.count",
            "tensorflow.serving.request_latency.sum", "tensorflow.serving.request_latency.bucket", "+Inf", "tensorflow.core.graph_runs",
            "dotnet.process.memory.working_set", "dotnet.gc.collections", "dotnet.gc.last_collection.heap.size", "dotnet.thread_pool.queue.length",
        })
        {
            Count(metrics, Encoding.UTF8.GetBytes(text)).ShouldBeGreaterThan(0, text);
        }
    }

    [Theory]
    [InlineData("--otlp_endpoint=localhost:4318", "otlp_endpoint must be an http or https address; got localhost:4318")]
    [InlineData("--otlp_metric_interval_seconds=0", "otlp_metric_interval_seconds must be at least 1")]
    public async Task Otlp_BadFlag_IsRefused(string flag, string text)
    {
        (string output, _, int code) = await ServerProcess.RunAsync(ServerProcess.Program, "serve", "--model_base_path=/none", flag);
        code.ShouldBe(255);
        output.ShouldContain(text);
    }

    // Nobody there: requests are answered, and the stop does not wait for long.
    [Fact]
    public async Task Otlp_NobodyReceives_ServerServesAndStops()
    {
        int rest = ServerProcess.FreePort();
        await using ServerProcess server = await ServerProcess.StartAsync(
            ServerProcess.Program,
            "Exporting HTTP/REST API at:localhost:",
            "serve",
            $"--port={ServerProcess.FreePort()}",
            $"--rest_api_port={rest}",
            "--model_name=half",
            $"--model_base_path={SharedData.PathOf("models", "tfs_half_plus_two_cpu")}",
            $"--otlp_endpoint=http://127.0.0.1:{ServerProcess.FreePort()}");
        using var client = new HttpClient();
        (await PostAsync(client, rest, "half:predict", RestSpan)).ShouldBe(HttpStatusCode.OK);
        (await server.StopAsync("TERM")).ShouldBe(0, server.Text);
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, int port, string target, string span)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/v1/models/{target}") { Content = new StringContent("{\"instances\": [1.0]}") };
        request.Headers.TryAddWithoutValidation("traceparent", $"00-{TraceId}-{span}-01");
        using HttpResponseMessage answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private static int Count(byte[] bytes, byte[] part)
    {
        int count = 0;
        for (int at = 0; (at = bytes.AsSpan(at).IndexOf(part) is >= 0 and int found ? at + found : -1) >= 0; at += part.Length)
        {
            count++;
        }

        return count;
    }
}
