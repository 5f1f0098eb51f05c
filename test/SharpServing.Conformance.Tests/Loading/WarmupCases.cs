using SharpServing.Conformance.Tests.Grpc;
using SharpServing.Conformance.Tests.Monitoring;
using SharpServing.Conformance.Tests.Support;
using Tensorflow.Serving;

namespace SharpServing.Conformance.Tests.Loading;

/// <summary>Section W, but for TensorFlow Lite: warm-up, the model's own settings, ML Metadata.</summary>
internal static class WarmupCases
{
    private const string HalfPlusTwo = "tfs_half_plus_two_cpu";
    private const string Counter = "tfs_counter";

    private static readonly byte[] Garbage = [0xFF, 0xFF];

    public static IReadOnlyDictionary<string, Func<Task>> Tests { get; } = new Dictionary<string, Func<Task>>
    {
        ["W001"] = () => LoadsAsync(HalfPlusTwo, static _ => { }, (server, copy) =>
        {
            server.HasLogged($"No warmup data file found at {copy.WarmupFile}").ShouldBeTrue();
            return Task.CompletedTask;
        }),
        ["W002"] = () => LoadsAsync(HalfPlusTwo, static copy => copy.WriteWarmup(), PredictsAsync),
        ["W003"] = () => LoadsAsync(HalfPlusTwo, static copy => copy.WriteWarmup(Regress(), Classify(), Predict(), Multi()), (server, copy) =>
        {
            server.Log.ShouldContain(line => line.Contains("Number of warmup records read: 4.", StringComparison.Ordinal));
            return PredictsAsync(server, copy);
        }),
        ["W004"] = () => FailsAsync(
            static copy => copy.WriteWarmup([.. Enumerable.Repeat(Predict(), 1001)]),
            "INVALID_ARGUMENT: Number of warmup records exceeds the maximum (1000) at "),
        ["W005"] = () => FailsAsync(static copy => copy.WriteRecords(Garbage), "INVALID_ARGUMENT: Failed to parse warmup record: "),
        ["W008"] = () => FailsAsync(
            static copy => copy.WriteWarmup(Predict("nope")), "FAILED_PRECONDITION: Serving signature key \"nope\" not found."),
        ["W009"] = () => CountsAsync(0, "--enable_model_warmup=false"),
        ["W010"] = () => CountsAsync(3, "--num_request_iterations_for_warmup=3"),
        ["W105"] = () => LoadsAsync(HalfPlusTwo, static _ => { }, PredictsAsync, "--prefer_tflite_model=true"),
        ["W202"] = () => LoadsAsync(HalfPlusTwo, static copy => copy.WriteExtra("saved_model_config.pb", Garbage), async (server, copy) =>
        {
            server.Log.ShouldContain(line => line.StartsWith('W') && line.Contains("Failed to load saved model config: ", StringComparison.Ordinal));
            await PredictsAsync(server, copy);
        }),
        ["W203"] = () => LoadsAsync(
            HalfPlusTwo,
            static copy => copy.WriteExtra("mlmd_uuid", "test_mlmd_uuid"u8),
            static (server, _) => MonitoringCases.HasAsync(
                server, "# TYPE :tensorflow:serving:mlmd_map gauge", ":tensorflow:serving:mlmd_map{model_name=\"m\",version=\"123\"} 0"),
            MonitoringCases.PageFlag),
    };

    private static PredictionLog Predict(string signature = "") =>
        new() { PredictLog = new PredictLog { Request = GrpcCalls.PredictX(GrpcCalls.Spec("m", signature), 1) } };

    private static PredictionLog Regress() => new()
    {
        RegressLog = new RegressLog { Request = new RegressionRequest { ModelSpec = GrpcCalls.Spec("m", "regress_x_to_y"), Input = GrpcCalls.Examples(1f) } },
    };

    private static PredictionLog Classify() => new()
    {
        ClassifyLog = new ClassifyLog { Request = new ClassificationRequest { ModelSpec = GrpcCalls.Spec("m", "classify_x_to_y"), Input = GrpcCalls.Examples(1f) } },
    };

    private static PredictionLog Multi() => new()
    {
        MultiInferenceLog = new MultiInferenceLog
        {
            Request = new MultiInferenceRequest
            {
                Input = GrpcCalls.Examples(1f),
                Tasks =
                {
                    new InferenceTask { ModelSpec = GrpcCalls.Spec("m", "regress_x_to_y"), MethodName = "tensorflow/serving/regress" },
                    new InferenceTask { ModelSpec = GrpcCalls.Spec("m", "classify_x_to_y"), MethodName = "tensorflow/serving/classify" },
                },
            },
        },
    };

    private static async Task LoadsAsync(string fixture, Action<ModelCopy> prepare, Func<ConformanceServer, ModelCopy, Task> test, params string[] flags)
    {
        using var copy = new ModelCopy(fixture);
        prepare(copy);
        await using ConformanceServer server = await ConformanceServer.StartAsync([new ServedModel("m", copy.Root)], ["--max_num_load_retries=0", .. flags]);
        await test(server, copy);
    }

    private static Task PredictsAsync(ConformanceServer server, ModelCopy copy) =>
        GrpcCalls.GivesAsync(server, GrpcCalls.PredictX(GrpcCalls.Spec("m"), 2), 3);

    private static async Task FailsAsync(Action<ModelCopy> prepare, string text)
    {
        InvalidOperationException failure = await Should.ThrowAsync<InvalidOperationException>(
            LoadsAsync(HalfPlusTwo, prepare, static (_, _) => Task.CompletedTask));
        failure.Message.ShouldContain(text, Case.Sensitive);
    }

    /// <summary>The warm-up counts one up; how often it ran is what the model says then.</summary>
    private static Task CountsAsync(float expected, params string[] flags) => LoadsAsync(
        Counter,
        static copy => copy.WriteWarmup(new PredictionLog
        {
            PredictLog = new PredictLog { Request = new PredictRequest { ModelSpec = GrpcCalls.Spec("m", "incr_counter") } },
        }),
        async (server, _) =>
        {
            PredictResponse response = await server.CallAsync<PredictResponse>(
                GrpcCalls.Predict, new PredictRequest { ModelSpec = GrpcCalls.Spec("m", "get_counter") });
            response.Outputs["output"].FloatVal.ShouldBe([expected]);
        },
        flags);
}
