using Google.Protobuf;
using SharpServing.Ops;
using SharpServing.SavedModel;
using SharpServing.Server.Startup;
using SharpServing.Server.Tests.Startup;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.RequestLogging;

/// <summary>What the records of each kind of call hold.</summary>
public sealed class LoggedCallsTests : IAsyncDisposable
{
    private const string Prediction = "/tensorflow.serving.PredictionService/";

    private readonly StartedServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Log_EachKindOfCall_HasRequestAnswerAndMetadata()
    {
        Scenarios.ScenarioPlace.Copy(SharedData.PathOf("models", "tfs_half_plus_two_cpu"), Path.Combine(_server.Folder, "m"));
        string log = "logging_config { log_collector_config { type: \"tfrecord\" filename_prefix: \"" + _server.Folder + "/log/m\" } sampling_config { sampling_rate: 1 } }";
        await _server.StartAsync(_server.Entry("m", log), SavedModelOpeners.ForRegistry(static () => OpCatalog.Registry));

        var predict = new PredictRequest { ModelSpec = Spec("serving_default"), Inputs = { ["x"] = new TensorProto { Dtype = DataType.DtFloat, FloatVal = { 3 } } }, OutputFilter = { "y" } };
        var classify = new ClassificationRequest { ModelSpec = Spec("classify_x_to_y"), Input = Example(4) };
        var regress = new RegressionRequest { ModelSpec = Spec("regress_x_to_y"), Input = Example(6) };
        var multi = new MultiInferenceRequest
        {
            Tasks =
            {
                new InferenceTask { ModelSpec = Spec("regress_x_to_y"), MethodName = "tensorflow/serving/regress" },
                new InferenceTask { ModelSpec = Spec("classify_x_to_y"), MethodName = "tensorflow/serving/classify" },
            },
            Input = Example(8),
        };
        PredictResponse answer = PredictResponse.Parser.ParseFrom(await CallAsync("Predict", predict));
        await CallAsync("Classify", classify);
        await CallAsync("Regress", regress);
        await CallAsync("MultiInference", multi);
        (await _server.PostAsync("/v1/models/m/versions/123:predict", "{\"instances\": [1.0, 2.0]}")).Status.ShouldBe(200);
        (await _server.Grpc.CallAsync(Prediction + "Predict", new PredictRequest { ModelSpec = Spec("none") })).Status.IsOk.ShouldBeFalse();
        _server.Stop();
        (await _server.Exit).ShouldBe(0);

        PredictionLog[] records = [.. TfRecords.Read(Path.Combine(_server.Folder, "log", "m-000001.tfrecord")).Select(PredictionLog.Parser.ParseFrom)];
        records.Length.ShouldBe(5);
        records[0].PredictLog.Request.ShouldBe(predict);
        records[0].PredictLog.Response.ShouldBe(answer);
        records[1].ClassifyLog.Request.ShouldBe(classify);
        records[1].ClassifyLog.Response.Result.Classifications[0].Classes[0].Score.ShouldBe(4);
        records[2].RegressLog.Request.ShouldBe(regress);
        records[2].RegressLog.Response.Result.Regressions[0].Value.ShouldBe(5);
        records[3].MultiInferenceLog.Request.ShouldBe(multi);
        records[3].MultiInferenceLog.Response.Results.Count.ShouldBe(2);

        // From REST: the request as an RPC would have sent it.
        var expected = new PredictRequest
        {
            ModelSpec = new ModelSpec { Name = "m", Version = 123 },
            Inputs = { ["x"] = new TensorProto { Dtype = DataType.DtFloat, TensorShape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dim { Size = 2 } } }, FloatVal = { 1, 2 } } },
        };
        records[4].PredictLog.Request.ShouldBe(expected);
        records[4].PredictLog.Response.Outputs["y"].FloatVal.ShouldBe([2.5f, 3]);

        string[] signatures = ["serving_default", "classify_x_to_y", "regress_x_to_y", "regress_x_to_y", "serving_default"];
        for (int i = 0; i < records.Length; i++)
        {
            LogMetadata metadata = records[i].LogMetadata;
            metadata.ModelSpec.ShouldBe(new ModelSpec { Name = "m", Version = 123, SignatureName = signatures[i] });
            metadata.SamplingConfig.SamplingRate.ShouldBe(1);
            metadata.SavedModelTags.ShouldBe(["serve"]);
            metadata.TimestampSecs.ShouldBeGreaterThan(1_700_000_000);
        }
    }

    private static ModelSpec Spec(string signature) => new() { Name = "m", SignatureName = signature };

    private static Input Example(float value) => new()
    {
        ExampleList = new ExampleList { Examples = { new Example { Features = new Features { Feature = { ["x"] = new Feature { FloatList = new FloatList { Value = { value } } } } } } } },
    };

    private async Task<byte[]> CallAsync(string method, IMessage request)
    {
        GrpcAnswer answer = await _server.Grpc.CallAsync(Prediction + method, request);
        answer.Status.ShouldBe(ServingStatus.Ok);
        return answer.Message;
    }
}
