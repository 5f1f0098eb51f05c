using System.Text.Json.Nodes;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;
using Tensorflow.Serving;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>Rows of sections D.1 and D.2 that are told in words.</summary>
internal static class InferenceCases
{
    private const string ExampleWithTwo = "Cg8KDQoBeBIIEgYKBAAAAEA=";
    private const string SizeError = "Parameters and update must be the same size";
    private const string Labels = "/v1/models/default/labels/Version_Label";

    public static IReadOnlyDictionary<string, Func<ConformanceServer, Task>> All { get; } = new Dictionary<string, Func<ConformanceServer, Task>>
    {
        ["D007"] = LabelBySecondReloadAsync,
        ["D019"] = server => IsValueAsync(
            server,
            "/v1/models/default:predict",
            $"{{\"inputs\":{{\"inputs\":[{{\"b64\":\"{ExampleWithTwo}\"}}]}},\"signature_name\":\"regress_x_to_y\"}}",
            "{\"outputs\":[[3.0]]}"),
        ["D028"] = server => HasErrorAsync(server, "CNT:predict", "{\"signature_name\":\"incr_counter_by\",\"instances\":[3.0]}", SizeError),
        ["D029"] = server => HasErrorAsync(server, "CNT:predict", "{\"signature_name\":\"incr_counter_by\",\"instances\":[{\"delta\":3}]}", SizeError),
        ["D031"] = server => TransportCases.IsErrorAsync(
            server, "POST", "/v1/models/HP2T2:predict", "{\"inputs\":{}}", 400, "Missing named input: x in 'inputs' object."),
        ["D032"] = TensorContentAsync,
        ["D034"] = TensorFlowLiteAsync,
        ["D103"] = server => IsValueAsync(
            server, Labels + ":classify", "{\"signature_name\":\"classify_x_to_y\",\"examples\":[{\"x\":10.0}]}", "{\"results\":[[[\"\",7.0]]]}"),
        ["D105"] = RegressThreeWaysAsync,
        ["D110"] = server => HasErrorAsync(
            server,
            "default:regress",
            "{\"signature_name\":\"regress_x_to_y\",\"examples\":[{}]}",
            "Feature: x (data type: float) is required but could not be found."),
        ["D111"] = server => HasErrorAsync(
            server, "default:regress", "{\"signature_name\":\"regress_x_to_y\",\"examples\":[{\"x\":\"2\"}]}", "Data types don't match."),
        ["D114"] = UnknownSignatureAsync,
        ["D115"] = server => HasErrorAsync(
            server,
            "default:classify",
            "{\"signature_name\":\"regress_x_to_y\",\"examples\":[{\"x\":2.0}]}",
            "Expected classification signature outputs to contain at least one of \\\"classes\\\" or \\\"scores\\\". Signature was: "),
        ["D117"] = server => HasErrorAsync(
            server,
            "default:regress",
            "{\"signature_name\":\"regress_x2_to_y3\",\"examples\":[{\"x\":2.0}]}",
            "Expects arg[0] to be float but string is provided"),
        ["D118"] = MethodNamesAsync,
        ["D119"] = LabelsAndScoresAsync,
        ["D121"] = UnknownModelAsync,
    };

    public static async Task IsValueAsync(ConformanceServer server, string target, string body, string value)
    {
        RawHttpAnswer answer = await server.RestAsync("POST", target, body);
        answer.Status.ShouldBe(200, answer.Text);
        JsonNode.DeepEquals(JsonNode.Parse(answer.Text), JsonNode.Parse(value)).ShouldBeTrue(answer.Text);
    }

    private static async Task HasErrorAsync(ConformanceServer server, string call, string body, string text)
    {
        RawHttpAnswer answer = await server.RestAsync("POST", "/v1/models/" + call, body);
        answer.Status.ShouldBe(400, answer.Text);
        answer.Text.ShouldStartWith("{\n    \"error\": \"");
        answer.Text.ShouldContain(text);
    }

    private static async Task LabelBySecondReloadAsync(ConformanceServer _)
    {
        await using ConformanceServer server = await ConformanceServer.StartDefaultAsync();
        ModelConfig model = Reloads.Model(ServedModel.Fixtures[0]);
        model.VersionLabels.Add("Version_Label", 123);
        await Reloads.AcceptedAsync(server, model);
        await IsValueAsync(server, Labels + ":predict", "{\"instances\":[1.0,2.0]}", "{\"predictions\":[2.5,3.0]}");
    }

    // The original reads fields that are not there; the flag is for gRPC.
    private static async Task TensorContentAsync(ConformanceServer _)
    {
        await using ConformanceServer server = await ConformanceServer.StartDefaultAsync("--enable_serialization_as_tensor_content=true");
        await IsValueAsync(server, "/v1/models/default:predict", "{\"instances\":[2.0,3.0,4.0]}", "{\"predictions\":[3.0,3.5,4.0]}");
    }

    private static async Task TensorFlowLiteAsync(ConformanceServer _)
    {
        var lite = new ServedModel("lite", SharedData.PathOf("tflite", "saved_model_half_plus_two_tflite"));
        await using ConformanceServer server = await ConformanceServer.StartAsync([lite], "--prefer_tflite_model=true", "--max_num_load_retries=0");
        await IsValueAsync(server, "/v1/models/lite:predict", "{\"instances\":[1.0,2.0,5.0]}", "{\"predictions\":[2.5,3.0,4.5]}");
    }

    private static async Task RegressThreeWaysAsync(ConformanceServer server)
    {
        foreach (string target in new[] { "/v1/models/default", "/v1/models/default/versions/123", Labels })
        {
            await IsValueAsync(server, target + ":regress", "{\"signature_name\":\"regress_x_to_y\",\"examples\":[{\"x\":80.0}]}", "{\"results\":[42.0]}");
        }
    }

    private static async Task UnknownSignatureAsync(ConformanceServer server)
    {
        foreach (string verb in new[] { "regress", "classify" })
        {
            await TransportCases.IsErrorAsync(
                server,
                "POST",
                $"/v1/models/default:{verb}",
                "{\"signature_name\":\"nope\",\"examples\":[{\"x\":2.0}]}",
                400,
                "No signature was found with the name: nope");
        }
    }

    private static async Task MethodNamesAsync(ConformanceServer _)
    {
        await using ConformanceServer server = await ConformanceServer.StartDefaultAsync("--enable_signature_method_name_check=true");
        await TransportCases.IsErrorAsync(
            server,
            "POST",
            "/v1/models/default:classify",
            "{\"signature_name\":\"regress_x_to_y\",\"examples\":[{\"x\":2.0}]}",
            400,
            "Expected classification signature method_name to be tensorflow/serving/classify. Was: tensorflow/serving/regress");
        await TransportCases.IsErrorAsync(
            server,
            "POST",
            "/v1/models/default:regress",
            "{\"signature_name\":\"classify_x_to_y\",\"examples\":[{\"x\":2.0}]}",
            400,
            "Expected regression signature method_name to be tensorflow/serving/regress. Was: tensorflow/serving/classify");
    }

    private static async Task LabelsAndScoresAsync(ConformanceServer _)
    {
        string folder = Directory.CreateTempSubdirectory("conformance-labels-").FullName;
        AnswerModels.Classifier("dos=2;uno=1").Save(folder);
        await using ConformanceServer server = await ConformanceServer.StartAsync([new ServedModel("m", folder)]);
        await IsValueAsync(server, "/v1/models/m:classify", "{\"examples\":[{\"x\":2.0}]}", "{\"results\":[[[\"dos\",2.0],[\"uno\",1.0]]]}");
        Directory.Delete(folder, recursive: true);
    }

    private static async Task UnknownModelAsync(ConformanceServer server)
    {
        foreach (string verb in new[] { "regress", "classify" })
        {
            string target = $"/v1/models/nosuch:{verb}";
            await TransportCases.IsErrorAsync(server, "POST", target, "{\"examples\":[{\"x\":2.0}]}", 404, "Servable not found for request: Latest(nosuch)");
            RawHttpAnswer answer = await server.RestAsync("POST", target, "{\"examples\":");
            answer.Status.ShouldBe(400, "the body is read before the model is looked for");
        }
    }
}
