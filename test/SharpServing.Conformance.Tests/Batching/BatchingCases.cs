using SharpServing.Conformance.Tests.Grpc;
using SharpServing.Conformance.Tests.Monitoring;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Conformance.Tests.Batching;

/// <summary>Section K.</summary>
internal static class BatchingCases
{
    private const string Session = ":tensorflow:serving:batching_session:";

    /// <summary>A batch of these is complete with two rows, and waits for the second as long as a test may.</summary>
    private const string Pairs = "max_batch_size { value: 2 } batch_timeout_micros { value: 60000000 }";

    public static IReadOnlyDictionary<string, Func<Task>> Tests { get; } = new Dictionary<string, Func<Task>>
    {
        ["K005"] = () => WithDefaultAsync("max_batch_size { value: 3 }", server => GrpcCalls.RefusedAsync(
            server,
            GrpcCalls.Predict,
            Rows(4),
            StatusCode.InvalidArgument,
            "Task size 4 is larger than maximum input batch size 3")),
        ["K006"] = () => WithDefaultAsync(
            "max_batch_size { value: 6 } max_execution_batch_size { value: 2 } enable_large_batch_splitting { value: true }",
            async server =>
            {
                await GrpcCalls.GivesAsync(server, Rows(3), 2, 2.5f, 3);
                await MonitoringCases.HasAsync(server, Session + "processed_batch_size_count{} 2", Session + "processed_batch_size_sum{} 3");
            }),
        ["K008"] = () => WithDefaultAsync("max_batch_size { value: 4 } allowed_batch_sizes: 2 allowed_batch_sizes: 4", server => PaddedAsync(server, 0)),
        ["K009"] = () => WithDefaultAsync(
            "max_batch_size { value: 4 } allowed_batch_sizes: 1 allowed_batch_sizes: 3 allowed_batch_sizes: 4", server => PaddedAsync(server, 1)),
        ["K010"] = SizesAsync,
        ["K011"] = () => WithModelAsync("", BatchingModels.TwoInputs(), server => GrpcCalls.RefusedAsync(
            server,
            GrpcCalls.Predict,
            new PredictRequest { ModelSpec = GrpcCalls.Spec("m"), Inputs = { ["a"] = GrpcCalls.Vector(1), ["b"] = GrpcCalls.Vector(1, 2) } },
            StatusCode.InvalidArgument,
            "Batching Run() input tensors must have equal 0th-dimension size")),
        ["K015"] = () => WithModelAsync("max_batch_size { value: 2 } batch_timeout_micros { value: 800000 }", BatchingModels.TwoInputs(), TwoSignaturesAsync),
        ["K016"] = () => WithModelAsync("max_batch_size { value: 4 }", BatchingModels.TwoInputs(), SubsetAsync),
        ["K018"] = () => WithModelAsync(
            "max_batch_size { value: 1 } num_batch_threads { value: 1 } max_enqueued_batches { value: 1 }", BatchingModels.Slow(), QueueFullAsync),
        ["K020"] = () => WithModelAsync("", BatchingModels.FiveRows(), server => GrpcCalls.RefusedAsync(
            server,
            GrpcCalls.Predict,
            GrpcCalls.PredictX(GrpcCalls.Spec("m"), 1),
            StatusCode.FailedPrecondition,
            "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors")),
        ["K021"] = () => WithModelAsync(Pairs + " pad_variable_length_inputs: true", BatchingModels.Echo(DataType.DtFloat), RankAsync),
        ["K023"] = PadAsync,
        ["K024"] = PerModelAsync,
        ["K026"] = ParametersFileAsync,
    };

    private static PredictRequest Rows(int count) => GrpcCalls.PredictX(GrpcCalls.Spec("default"), [.. Enumerable.Range(0, count).Select(row => (float)row)]);

    private static Task WithDefaultAsync(string parameters, Func<ConformanceServer, Task> test) => WithModelsAsync(parameters, [ServedModel.Fixtures[0]], test);

    private static async Task WithModelAsync(string parameters, ModelMaker model, Func<ConformanceServer, Task> test)
    {
        string folder = Directory.CreateTempSubdirectory("conformance-batched-").FullName;
        model.Save(folder);
        await WithModelsAsync(parameters, [new ServedModel("m", folder)], test);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task WithModelsAsync(string parameters, IEnumerable<ServedModel> models, Func<ConformanceServer, Task> test, params string[] flags)
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, parameters.Length > 0 ? parameters : "# the defaults");
        try
        {
            await using ConformanceServer server = await ConformanceServer.StartAsync(
                models, ["--enable_batching", $"--batching_parameters_file={file}", "--max_num_load_retries=0", MonitoringCases.PageFlag, .. flags]);
            await test(server);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task PaddedAsync(ConformanceServer server, int padding)
    {
        await GrpcCalls.GivesAsync(server, Rows(2), 2, 2.5f);
        int rows = 2 + padding;
        await MonitoringCases.HasAsync(
            server,
            Session + $"padding_size_sum{{execution_batch_size=\"{rows}\"}} {padding}",
            Session + "input_batch_size_sum{} 2",
            Session + $"processed_batch_size_sum{{}} {rows}");
    }

    private static async Task SizesAsync()
    {
        foreach ((int first, int last) in new[] { (4, 2), (2, 8) })
        {
            string parameters = $"max_batch_size {{ value: 4 }} allowed_batch_sizes: {first} allowed_batch_sizes: {last}";
            InvalidOperationException failure = await Should.ThrowAsync<InvalidOperationException>(
                WithDefaultAsync(parameters, static _ => Task.CompletedTask));
            failure.Message.ShouldContain(
                $"INVALID_ARGUMENT: Last entry in allowed_batch_sizes must match max_batch_size; last entry was {last}; expected 4");
        }
    }

    private static PredictRequest Two(string signature, float value) => new()
    {
        ModelSpec = GrpcCalls.Spec("m", signature),
        Inputs = { ["a"] = GrpcCalls.Vector(value), ["b"] = GrpcCalls.Vector(value + 1) },
    };

    // Both would fit into one batch; each goes when its time is over.
    private static async Task TwoSignaturesAsync(ConformanceServer server)
    {
        Task<PredictResponse> both = server.CallAsync<PredictResponse>(GrpcCalls.Predict, Two("serving_default", 1));
        var one = new PredictRequest { ModelSpec = GrpcCalls.Spec("m", "only_a"), Inputs = { ["a"] = GrpcCalls.Vector(5) } };
        (await server.CallAsync<PredictResponse>(GrpcCalls.Predict, one)).Outputs["y"].FloatVal.ShouldBe([5]);
        (await both).Outputs["z"].FloatVal.ShouldBe([2]);
        await MonitoringCases.HasAsync(server, Session + "processed_batch_size_count{} 2", Session + "processed_batch_size_sum{} 2");
    }

    private static async Task SubsetAsync(ConformanceServer server)
    {
        PredictRequest request = Two("serving_default", 1);
        request.OutputFilter.Add("z");
        PredictResponse response = await server.CallAsync<PredictResponse>(GrpcCalls.Predict, request);
        response.Outputs.Keys.ShouldBe(["z"]);
        response.Outputs["z"].FloatVal.ShouldBe([2]);
        await MonitoringCases.HasAsync(server, Session + "processed_batch_size_sum{} 1");
    }

    private static async Task QueueFullAsync(ConformanceServer server)
    {
        const string Text = "The batch scheduling queue to which this task was submitted is full; currently 1 batches enqueued and max_enqueued_batches is 1";
        PredictRequest request = GrpcCalls.PredictX(GrpcCalls.Spec("m"), 1);
        Task<GrpcAnswer>[] calls = [.. Enumerable.Range(0, 6).Select(_ => server.Grpc.CallAsync(GrpcCalls.Predict, request))];
        Task<RawHttpAnswer>[] posts = [.. Enumerable.Range(0, 4).Select(_ => server.RestAsync("POST", "/v1/models/m:predict", "{\"instances\":[1.0]}"))];
        ServingStatus[] refused = [.. (await Task.WhenAll(calls)).Select(answer => answer.Status).Where(status => !status.IsOk)];
        RawHttpAnswer[] answers = [.. (await Task.WhenAll(posts)).Where(answer => answer.Status != 200)];
        refused.Concat(answers.Select(answer => new ServingStatus(StatusCode.Unavailable, answer.Text))).ShouldNotBeEmpty();
        refused.ShouldAllBe(status => status.Code == StatusCode.Unavailable && status.Message == Text);
        answers.ShouldAllBe(answer => answer.Status == 503 && answer.Text.Contains(Text, StringComparison.Ordinal));
    }

    private static PredictRequest Shaped(DataType type, params long[] shape) =>
        new() { ModelSpec = GrpcCalls.Spec("m"), Inputs = { ["x"] = new TensorProto { Dtype = type, TensorShape = ModelMaker.Shape(shape) } } };

    private static async Task RankAsync(ConformanceServer server)
    {
        Task<GrpcAnswer> first = server.Grpc.CallAsync(GrpcCalls.Predict, Shaped(DataType.DtFloat, 1, 1, 1, 1, 1, 1, 2));
        GrpcAnswer second = await server.Grpc.CallAsync(GrpcCalls.Predict, Shaped(DataType.DtFloat, 1, 1, 1, 1, 1, 1, 3));
        foreach (ServingStatus status in new[] { (await first).Status, second.Status })
        {
            status.ShouldBe(new ServingStatus(StatusCode.InvalidArgument, "Only tensors with rank from 1 to 6 can be padded."));
        }
    }

    // (10, 20, 30) beside (10, 100, 200): both come back with the larger sizes, and with their own rows.
    private static async Task PadAsync()
    {
        DataType[] types =
        [
            DataType.DtFloat, DataType.DtDouble, DataType.DtInt8, DataType.DtInt16, DataType.DtInt32, DataType.DtInt64, DataType.DtUint8, DataType.DtUint16,
            DataType.DtUint32, DataType.DtUint64, DataType.DtBool, DataType.DtString, DataType.DtComplex64, DataType.DtComplex128, DataType.DtHalf,
            DataType.DtBfloat16, DataType.DtQint8, DataType.DtQuint8, DataType.DtQint32,
        ];
        string parameters = "max_batch_size { value: 20 } batch_timeout_micros { value: 60000000 } pad_variable_length_inputs: true";
        await WithModelAsync(parameters, BatchingModels.Echo(types), async server =>
        {
            foreach (DataType type in types)
            {
                PredictRequest small = Shaped(type, 10, 20, 30);
                PredictRequest large = Shaped(type, 10, 100, 200);
                small.ModelSpec.SignatureName = large.ModelSpec.SignatureName = type.ToString();
                Task<PredictResponse> first = server.CallAsync<PredictResponse>(GrpcCalls.Predict, small);
                PredictResponse second = await server.CallAsync<PredictResponse>(GrpcCalls.Predict, large);
                second.Outputs["y"].TensorShape.ShouldBe(ModelMaker.Shape(10, 100, 200));
                (await first).Outputs["y"].TensorShape.ShouldBe(ModelMaker.Shape(10, 100, 200), type.ToString());
            }
        });
    }

    private static async Task PerModelAsync()
    {
        string folder = Directory.CreateTempSubdirectory("conformance-per-model-").FullName;
        string version = BatchingModels.Echo(DataType.DtFloat).Save(folder);
        await File.WriteAllTextAsync(Path.Combine(version, "batching_params.pbtxt"), "max_batch_size { value: 2 }");
        await WithModelsAsync(
            "max_batch_size { value: 1 } num_batch_threads { value: 2 }",
            [new ServedModel("m", folder), ServedModel.Fixtures[0]],
            async server =>
            {
                await GrpcCalls.GivesAsync(server, Rows(3), 2, 2.5f, 3);
                await GrpcCalls.RefusedAsync(
                    server,
                    GrpcCalls.Predict,
                    GrpcCalls.PredictX(GrpcCalls.Spec("m"), 1, 2, 3),
                    StatusCode.InvalidArgument,
                    "Task size 3 is larger than maximum input batch size 2");
                await GrpcCalls.GivesAsync(server, GrpcCalls.PredictX(GrpcCalls.Spec("m"), 1, 2), 1, 2);
            },
            "--enable_per_model_batching_parameters");
        Directory.Delete(folder, recursive: true);
    }

    private static async Task ParametersFileAsync()
    {
        string parameters = await File.ReadAllTextAsync(SharedData.PathOf("models", "_expected", "tensorflow_serving", "batching_config.txt"));
        await WithDefaultAsync(parameters, server => GrpcCalls.GivesAsync(server, Rows(3), 2, 2.5f, 3));
    }
}
