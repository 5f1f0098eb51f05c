using Google.Protobuf;
using SharpServing.Conformance.Tests.Rest;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Support;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Conformance.Tests.Grpc;

/// <summary>Sections G.2 to G.4: Classify, Regress, MultiInference.</summary>
internal static class InferenceCallCases
{
    private const string NoInput = "Input is empty.";

    public static IReadOnlyDictionary<string, Func<ConformanceServer, Task>> All { get; } = new Dictionary<string, Func<ConformanceServer, Task>>
    {
        ["G101"] = server => IsThreeAsync(server, "default"),
        ["G102"] = server => SpecErrorsAsync(server, GrpcCalls.Classify, static spec => new ClassificationRequest { ModelSpec = spec, Input = GrpcCalls.Examples(2f) }),
        ["G103"] = server => EmptyInputsAsync(
            server, GrpcCalls.Classify, static input => new ClassificationRequest { ModelSpec = GrpcCalls.Spec("default", "classify_x_to_y"), Input = input }),
        ["G104"] = TwoExamplesAsync,
        ["G106"] = ContextAsync,
        ["G107"] = LabelsOnlyAsync,
        ["G110"] = RegressionSignatureAsync,
        ["G113"] = RunFailsAsync,
        ["G114"] = server => ClassifyFailsAsync(server, "labels_only", 2, "Expected classes output batch size of 2. Got: 1"),
        ["G115"] = server => ClassifyFailsAsync(server, "labels_of_floats", 1, "Expected classes Tensor of DT_STRING. Got: DT_FLOAT"),
        ["G116"] = ScoresAsync,
        ["G117"] = server => ClassifyFailsAsync(
            server, "three_labels_two_scores", 1, "Tensors class and score should match in dim_size(1). Got 3 vs. 2"),
        ["G119"] = RankAsync,
        ["G120"] = server => IsThreeAsync(server, "HP2T2"),
        ["G202"] = server => SpecErrorsAsync(server, GrpcCalls.Regress, static spec => new RegressionRequest { ModelSpec = spec, Input = GrpcCalls.Examples(2f) }),
        ["G203"] = server => RegressAsync(server, "", GrpcCalls.Examples(2f, 3f), 2, 3),
        ["G205"] = server => RegressAsync(
            server, "", GrpcCalls.InContext(GrpcCalls.Example(("x", 7)), GrpcCalls.Example(("x", 2)), GrpcCalls.Example()), 2, 7),
        ["G206"] = server => RegressAsync(server, "plus_one", GrpcCalls.Examples(2f, 3f), 3, 4),
        ["G209"] = server => EmptyInputsAsync(
            server, GrpcCalls.Regress, static input => new RegressionRequest { ModelSpec = GrpcCalls.Spec("default", "regress_x_to_y"), Input = input }),
        ["G212"] = async server =>
        {
            await RegressAsync(server, "vector", GrpcCalls.Examples(2f, 3f), 2, 3);
            await RegressAsync(server, "", GrpcCalls.Examples(2f, 3f), 2, 3);
        },
        ["G302"] = server => MultiAsync(server, ["regress_x_to_y"], 3),
        ["G303"] = server => MultiAsync(server, ["regress_x_to_y", "regress_x_to_y2"], 3, 4),
        ["G304"] = server => MultiFailsAsync(server, new MultiInferenceRequest { Tasks = { Task("default") } }, NoInput),
        ["G306"] = server => MultiFailsAsync(
            server, Multi(Task("default"), Task("HP2V")), "All ModelSpecs in a MultiInferenceRequest must access the same model name."),
        ["G310"] = server => MultiFailsAsync(server, Multi(Task("")), "ModelSpec has no name specified."),
        ["G310a"] = server => MultiFailsAsync(server, Multi(Task("default"), Task("")), "Found ModelSpec with an empty model name."),
    };

    private static ClassificationRequest Classification(string model, int examples) =>
        new() { ModelSpec = GrpcCalls.Spec(model), Input = GrpcCalls.Examples([.. Enumerable.Repeat(2f, examples)]) };

    private static async Task IsThreeAsync(ConformanceServer server, string model)
    {
        var request = new ClassificationRequest { ModelSpec = GrpcCalls.Spec(model, "classify_x_to_y"), Input = GrpcCalls.Examples(2f) };
        ClassificationResponse response = await server.CallAsync<ClassificationResponse>(GrpcCalls.Classify, request);
        response.ModelSpec.ShouldBe(GrpcCalls.Spec(model, "classify_x_to_y", 123));
        response.Result.Classifications.Single().Classes.Single().ShouldBe(new Class { Score = 3 });
    }

    private static async Task SpecErrorsAsync(ConformanceServer server, string method, Func<ModelSpec?, IMessage> request)
    {
        await GrpcCalls.RefusedAsync(server, method, request(null), StatusCode.InvalidArgument, "Missing ModelSpec");
        await GrpcCalls.RefusedAsync(server, method, request(new ModelSpec()), StatusCode.InvalidArgument);
        await GrpcCalls.RefusedAsync(server, method, request(GrpcCalls.Spec("nosuch")), StatusCode.NotFound);
    }

    private static async Task EmptyInputsAsync(ConformanceServer server, string method, Func<Input?, IMessage> request)
    {
        foreach (Input? input in new[] { null, GrpcCalls.Examples(Array.Empty<Example>()), GrpcCalls.InContext(GrpcCalls.Example(("x", 1))) })
        {
            await GrpcCalls.RefusedAsync(server, method, request(input), StatusCode.InvalidArgument, NoInput);
        }
    }

    private static async Task TwoExamplesAsync(ConformanceServer server)
    {
        ClassificationResponse response = await server.CallAsync<ClassificationResponse>(GrpcCalls.Classify, Classification("two", 2));
        response.Result.Classifications.Select(one => string.Join(' ', one.Classes.Select(label => $"{label.Label}:{label.Score}")))
            .ShouldBe(["dos:2 uno:1", "cuatro:4 tres:3"]);
    }

    private static async Task ContextAsync(ConformanceServer server)
    {
        var request = new ClassificationRequest
        {
            ModelSpec = GrpcCalls.Spec(ExampleModel.Name),
            Input = GrpcCalls.InContext(
                GrpcCalls.Example(("uno", 1), ("dos", 2)), GrpcCalls.Example(), GrpcCalls.Example(("tres", 3), ("cuatro", 4), ("dos", 5))),
        };
        ClassificationResponse response = await server.CallAsync<ClassificationResponse>(GrpcCalls.Classify, request);
        ExampleModel.Print(response.Result.Classifications.Select(one => ExampleModel.Read(one.Classes.Single().Label)))
            .ShouldBe("{dos: float[2], uno: float[1]}\n{cuatro: float[4], dos: float[5], tres: float[3], uno: float[1]}\n");
    }

    private static async Task LabelsOnlyAsync(ConformanceServer server)
    {
        ClassificationResponse response = await server.CallAsync<ClassificationResponse>(GrpcCalls.Classify, Classification("labels_only", 1));
        response.Result.Classifications.Single().Classes.ShouldBe([new Class { Label = "dos" }, new Class { Label = "uno" }]);
    }

    private static async Task RegressionSignatureAsync(ConformanceServer server)
    {
        var request = new ClassificationRequest { ModelSpec = GrpcCalls.Spec("default", "regress_x_to_y"), Input = GrpcCalls.Examples(2f) };
        GrpcAnswer answer = await server.Grpc.CallAsync(GrpcCalls.Classify, request);
        answer.Status.Code.ShouldBe(StatusCode.InvalidArgument);
        answer.Status.Message.ShouldStartWith("Expected classification signature outputs to contain at least one of \"classes\" or \"scores\". Signature was: ");
    }

    private static async Task RunFailsAsync(ConformanceServer server)
    {
        var request = new ClassificationRequest { ModelSpec = GrpcCalls.Spec("default", "classify_x_to_y"), Input = GrpcCalls.Examples(GrpcCalls.Example(("z", 1))) };
        GrpcAnswer answer = await server.Grpc.CallAsync(GrpcCalls.Classify, request);
        answer.Status.Code.ShouldBe(StatusCode.InvalidArgument);
        answer.Status.Message.ShouldContain("Feature: x (data type: float) is required but could not be found.");
    }

    private static Task ClassifyFailsAsync(ConformanceServer server, string model, int examples, string text) =>
        GrpcCalls.RefusedAsync(server, GrpcCalls.Classify, Classification(model, examples), StatusCode.InvalidArgument, text);

    private static async Task ScoresAsync(ConformanceServer server)
    {
        await ClassifyFailsAsync(server, "three_labels_two_scores", 2, "Expected classes output batch size of 2. Got: 1");
        await ClassifyFailsAsync(server, "scores_of_strings", 1, "Expected scores Tensor of DT_FLOAT. Got: DT_STRING");
        await ClassifyFailsAsync(server, "scores_only", 2, "Expected scores output batch size of 2. Got: 1");
    }

    private static async Task RankAsync(ConformanceServer server)
    {
        await GrpcCalls.RefusedAsync(server, GrpcCalls.Classify, Classification("labels_rank_1", 1), StatusCode.InvalidArgument);
        await GrpcCalls.RefusedAsync(server, GrpcCalls.Classify, Classification("scores_rank_1", 1), StatusCode.InvalidArgument);
    }

    private static async Task RegressAsync(ConformanceServer server, string signature, Input input, params float[] values)
    {
        var request = new RegressionRequest { ModelSpec = GrpcCalls.Spec("regress", signature), Input = input };
        RegressionResponse response = await server.CallAsync<RegressionResponse>(GrpcCalls.Regress, request);
        response.Result.Regressions.Select(one => one.Value).ShouldBe(values);
    }

    private static InferenceTask Task(string model, string signature = "regress_x_to_y") =>
        new() { ModelSpec = GrpcCalls.Spec(model, signature), MethodName = "tensorflow/serving/regress" };

    private static MultiInferenceRequest Multi(params InferenceTask[] tasks) => new() { Tasks = { tasks }, Input = GrpcCalls.Examples(2f) };

    private static async Task MultiAsync(ConformanceServer server, string[] signatures, params float[] values)
    {
        MultiInferenceResponse response = await server.CallAsync<MultiInferenceResponse>(
            GrpcCalls.MultiInference, Multi([.. signatures.Select(signature => Task("default", signature))]));
        response.Results.Select(one => one.RegressionResult.Regressions.Single().Value).ShouldBe(values);
        response.Results.Select(one => one.ModelSpec).ShouldBe(signatures.Select(signature => GrpcCalls.Spec("default", signature, 123)));
    }

    private static Task MultiFailsAsync(ConformanceServer server, MultiInferenceRequest request, string text) =>
        GrpcCalls.RefusedAsync(server, GrpcCalls.MultiInference, request, StatusCode.InvalidArgument, text);
}
