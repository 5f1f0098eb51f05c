namespace SharpServing.Clients.Tests;

/// <summary>What gRPC libraries of other languages get: every rpc of the server's .proto files, and what a client sees of errors.</summary>
public sealed class GrpcClientTests : IClassFixture<GrpcScripts>
{
    private readonly GrpcScripts _scripts;

    public GrpcClientTests(GrpcScripts scripts) => _scripts = scripts;

    /// <summary>Calls and what they print; the numbers are those of TensorFlow Serving's own README for this model.</summary>
    public static TheoryData<string, string> Calls => new()
    {
        { "predict", "half_plus_two 123 3: 2.5 3 4.5" },
        { "classify", ":3 :4" },
        { "regress", "3 4" },
        { "multi_inference", "3 3" },
        { "metadata", "classify_x_to_y regress_x2_to_y3 regress_x_to_y regress_x_to_y2 serving_default: tensorflow/serving/predict" },
        { "status", "123 AVAILABLE OK" },
        { "reload", "OK" },
        { "reload_refused", "3 Illegal to change a model's platform. For model half_plus_two platform was tensorflow and new platform requested is unknown" },
        { "session_run", "12" },
        { "health", "SERVING" },
        { "health_of_service", "SERVING" },
        { "health_of_unknown", "5 service name unknown" },
        { "health_watch", "SERVING" },
        { "unknown", "5 Servable not found for request: Latest(nothing)" },
        { "large", "1000000 4 4" },
        {
            // Those of the rows above, and no others.
            "rpcs",
            "Health/Check Health/Watch ModelService/GetModelStatus ModelService/HandleReloadConfigRequest PredictionService/Classify "
            + "PredictionService/GetModelMetadata PredictionService/MultiInference PredictionService/Predict PredictionService/Regress SessionService/SessionRun"
        },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void Python_Call_IsAnswered(string call, string expected) => _scripts.Python[call].ShouldBe(expected);

    [Theory]
    [MemberData(nameof(Calls))]
    public void Node_Call_IsAnswered(string call, string expected) => _scripts.Node[call].ShouldBe(expected);
}
