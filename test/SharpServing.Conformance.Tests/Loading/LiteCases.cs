using System.Text.Json.Nodes;
using SharpServing.Conformance.Tests.Grpc;
using SharpServing.Conformance.Tests.Support;
using SharpServing.TestSupport;
using Tensorflow.Serving;

namespace SharpServing.Conformance.Tests.Loading;

/// <summary>Rows W101 to W104.</summary>
internal static class LiteCases
{
    private const string Plain = "saved_model_half_plus_two_tflite";

    public static IReadOnlyDictionary<string, Func<Task>> Tests { get; } = new Dictionary<string, Func<Task>>
    {
        ["W101"] = () => WithModelAsync(Plain, static async server =>
        {
            JsonNode signatures = JsonNode.Parse((await server.RestAsync("GET", "/v1/models/lite/metadata")).Text)!["metadata"]!["signature_def"]!["signature_def"]!;
            signatures.AsObject().Select(signature => signature.Key).ShouldBe(["serving_default"]);
            signatures["serving_default"]!["inputs"]!["x"]!["name"]!.GetValue<string>().ShouldBe("x");
            signatures["serving_default"]!["outputs"]!["y"]!["name"]!.GetValue<string>().ShouldBe("y");
        }),
        ["W102"] = () => GivesAsync(Plain, [1, 2, 3], [2.5f, 3, 3.5f]),
        ["W102a"] = () => GivesAsync("saved_model_half_plus_two_tflite_with_sigdef", [1, 2, 3], [2.5f, 3, 3.5f]),
        ["W103"] = () => GivesAsync(Plain, [2], [3]),
        ["W104"] = () => WithModelAsync("parse_example_tflite", static _ => Task.CompletedTask),
    };

    private static async Task WithModelAsync(string directory, Func<ConformanceServer, Task> test)
    {
        await using ConformanceServer server = await ConformanceServer.StartAsync(
            [new ServedModel("lite", SharedData.PathOf("tflite", directory))], "--prefer_tflite_model=true", "--max_num_load_retries=0");
        await test(server);
    }

    private static Task GivesAsync(string directory, float[] x, float[] y) => WithModelAsync(directory, async server =>
    {
        PredictResponse response = await server.CallAsync<PredictResponse>(GrpcCalls.Predict, GrpcCalls.PredictX(GrpcCalls.Spec("lite"), x));
        response.Outputs["y"].FloatVal.ShouldBe(y);
        response.Outputs["y"].TensorShape.ShouldBe(ModelMaker.Shape(x.Length));
    });
}
