using System.IO.Compression;
using Google.Protobuf;
using SharpServing.Server.Tests.Support;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Grpc;

public sealed class GrpcPredictTests : IAsyncLifetime
{
    private const string Predict = "/tensorflow.serving.PredictionService/Predict";
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(o => o with { HealthService = true });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Predict_TwoFloats_AnswersWithModelSpec()
    {
        GrpcAnswer answer = await _server.Grpc.CallAsync(Predict, HalfPlusTwo(1, 2));
        answer.Status.ShouldBe(ServingStatus.Ok);
        PredictResponse response = PredictResponse.Parser.ParseFrom(answer.Message);
        response.Outputs["y"].FloatVal.ShouldBe([2.5f, 3f]);
        response.Outputs["y"].TensorShape.Dim.Single().Size.ShouldBe(2);
        response.ModelSpec.ShouldBe(new ModelSpec { Name = "half_plus_two", Version = 124, SignatureName = "serving_default" });
    }

    [Fact]
    public async Task Predict_OldVersionAndFilter_AnswersThatVersion()
    {
        PredictRequest request = HalfPlusTwo(6);
        request.ModelSpec.Version = 123;
        request.OutputFilter.Add("y");
        GrpcAnswer answer = await _server.Grpc.CallAsync(Predict, request);
        PredictResponse.Parser.ParseFrom(answer.Message).ModelSpec.Version.ShouldBe(123);
    }

    [Fact]
    public async Task Predict_LargeTensor_IsReadFromManySegments()
    {
        var values = Enumerable.Range(0, 1_000_000).Select(i => (float)i).ToArray();
        GrpcAnswer answer = await _server.Grpc.CallAsync(Predict, HalfPlusTwo(values));
        answer.Status.ShouldBe(ServingStatus.Ok);
        PredictResponse.Parser.ParseFrom(answer.Message).Outputs["y"].FloatVal.ShouldBe(values.Select(v => v / 2 + 2));
    }

    // Texts recorded in grpc_predict of the transcripts.
    [Fact]
    public async Task Predict_BadRequests_GiveTheOriginalsTexts()
    {
        async Task Check(Action<PredictRequest> change, StatusCode code, string message)
        {
            PredictRequest request = HalfPlusTwo(1);
            change(request);
            GrpcAnswer answer = await _server.Grpc.CallAsync(Predict, request);
            answer.Status.ShouldBe(new ServingStatus(code, message));
        }

        await Check(r => r.ModelSpec = null, StatusCode.InvalidArgument, "Missing ModelSpec");
        await Check(r => r.ModelSpec.Name = "", StatusCode.InvalidArgument, "ModelSpec has no name specified.");
        await Check(r => r.ModelSpec.Name = "nosuch", StatusCode.NotFound, "Servable not found for request: Latest(nosuch)");
        await Check(r => r.ModelSpec.SignatureName = "s", StatusCode.FailedPrecondition, "Serving signature key \"s\" not found.");
        await Check(
            r => r.Inputs["z"] = r.Inputs["x"],
            StatusCode.InvalidArgument,
            "input size does not match signature: 2!=1 len({x,z}) != len({x}). Sent extra: {z}. Missing but required: {}.");
        await Check(
            r =>
            {
                r.Inputs["zz"] = r.Inputs["x"];
                r.Inputs.Remove("x");
            },
            StatusCode.InvalidArgument,
            "Signature input alias: x(feed name: x:0) not found in request and no default value provided. Inputs expected to be in the request {zz}, or default input alias set: ");
        await Check(r => r.Inputs["x"].TensorShape.Dim[0].Size = -1, StatusCode.InvalidArgument, "tensor parsing error: x");
        await Check(
            r => r.OutputFilter.Add("nope"),
            StatusCode.InvalidArgument,
            "output tensor alias not found in signature: nope Outputs expected to be in the set {y}.");
        await Check(r => r.OutputFilter.Add(["y", "y"]), StatusCode.InvalidArgument, "duplicate output tensor alias: y");
        await Check(r => r.Inputs["x"].Dtype = DataType.DtString, StatusCode.InvalidArgument, "Expects arg[0] to be float but string is provided");
    }

    [Fact]
    public async Task Predict_Defaults_FillMissingInputs()
    {
        // The echo model's float signature, given a default for its only input.
        GrpcAnswer answer = await _server.Grpc.CallAsync(Predict, new PredictRequest { ModelSpec = new ModelSpec { Name = "echo", SignatureName = "float" } });
        answer.Status.Message.ShouldBe("input size does not match signature: 0!=1 len({}) != len({x}). Sent extra: {}. Missing but required: {x}.");
    }

    [Fact]
    public async Task Predict_LongMessage_IsCutAt1024Bytes()
    {
        PredictRequest request = HalfPlusTwo(1);
        request.OutputFilter.Add(new string('é', 600));
        GrpcAnswer answer = await _server.Grpc.CallAsync(Predict, request);
        answer.Status.Message.ShouldEndWith("...TRUNCATED");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Predict_Compressed_IsInflated(string encoding)
    {
        await using var buffer = new MemoryStream();
        await using (Stream stream = encoding == "gzip" ? new GZipStream(buffer, CompressionMode.Compress) : new ZLibStream(buffer, CompressionMode.Compress))
        {
            await stream.WriteAsync(HalfPlusTwo(1).ToByteArray());
        }

        GrpcAnswer answer = await _server.Grpc.CallRawAsync(Predict, GrpcTestClient.Frame(buffer.ToArray(), 1), ("grpc-encoding", encoding));
        answer.Status.ShouldBe(ServingStatus.Ok);
    }

    // As recorded in grpc_wire of the transcripts.
    [Fact]
    public async Task Call_BadFrames_GiveInternal()
    {
        byte[] frame = GrpcTestClient.Frame(HalfPlusTwo(1).ToByteArray());
        (await _server.Grpc.CallRawAsync(Predict, frame[..^1])).Status.ShouldBe(ServingStatus.Internal("Couldn't initialize byte buffer reader"));
        (await _server.Grpc.CallRawAsync(Predict, [0, 0, 0])).Status.ShouldBe(ServingStatus.Internal("Couldn't initialize byte buffer reader"));
        (await _server.Grpc.CallRawAsync(Predict, GrpcTestClient.Frame([0xFF, 0xFF, 0xFF]))).Status.ShouldBe(ServingStatus.Internal(""));
        (await _server.Grpc.CallRawAsync(Predict, GrpcTestClient.Frame([]))).Status.ShouldBe(ServingStatus.InvalidArgument("Missing ModelSpec"));
        (await _server.Grpc.CallRawAsync("/tensorflow.serving.PredictionService/Nope", frame)).Status.ShouldBe(ServingStatus.Unimplemented(""));
    }

    [Fact]
    public async Task Call_DeadlineWhileRunning_GivesDeadlineExceeded()
    {
        PredictRequest request = HalfPlusTwo(1);
        request.ModelSpec = new ModelSpec { Name = "echo", SignatureName = "wait" };
        GrpcAnswer answer = await _server.Grpc.CallAsync(Predict, request, ("grpc-timeout", "50m"));
        answer.Status.ShouldBe(new ServingStatus(StatusCode.DeadlineExceeded, "Deadline Exceeded"));
    }

    [Fact]
    public async Task MessageLimit_LongerMessage_IsRefused()
    {
        await using TestServer small = await TestServer.StartAsync(o => o with { Limits = new() { MaxGrpcMessageBytes = 20 } });
        GrpcAnswer answer = await small.Grpc.CallAsync(Predict, HalfPlusTwo(1, 2, 3));
        answer.Status.Code.ShouldBe(StatusCode.ResourceExhausted);
        answer.Status.Message.ShouldEndWith("vs. 20)");
    }

    [Fact]
    public async Task OtherMethods_Answer()
    {
        var metadata = new GetModelMetadataRequest { ModelSpec = new ModelSpec { Name = "half_plus_two" }, MetadataField = { "signature_def" } };
        GrpcAnswer answer = await _server.Grpc.CallAsync("/tensorflow.serving.PredictionService/GetModelMetadata", metadata);
        SignatureDefMap map = GetModelMetadataResponse.Parser.ParseFrom(answer.Message).Metadata["signature_def"].Unpack<SignatureDefMap>();
        map.SignatureDef["serving_default"].Inputs["x"].Name.ShouldBe("x:0");

        answer = await _server.Grpc.CallAsync("/tensorflow.serving.ModelService/GetModelStatus", new GetModelStatusRequest { ModelSpec = new ModelSpec { Name = "half_plus_two" } });
        GetModelStatusResponse.Parser.ParseFrom(answer.Message).ModelVersionStatus.Select(s => s.Version).ShouldBe([124L, 123L]);

        answer = await _server.Grpc.CallAsync("/grpc.health.v1.Health/Check", new global::Grpc.Health.V1.HealthCheckRequest());
        answer.Message.ShouldBe([8, 1]);
        answer = await _server.Grpc.CallAsync("/grpc.health.v1.Health/Check", new global::Grpc.Health.V1.HealthCheckRequest { Service = "tensorflow.serving.PredictionService" });
        answer.Status.Code.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task TensorContent_Option_ChangesTheAnswer()
    {
        await using TestServer server = await TestServer.StartAsync(o => o with { TensorContent = true });
        TensorProto y = PredictResponse.Parser.ParseFrom((await server.Grpc.CallAsync(Predict, HalfPlusTwo(1, 2))).Message).Outputs["y"];
        y.FloatVal.ShouldBeEmpty();
        y.TensorContent.ToByteArray().ShouldBe([0, 0, 0x20, 0x40, 0, 0, 0x40, 0x40]);
    }

    private static PredictRequest HalfPlusTwo(params float[] x)
    {
        var tensor = new TensorProto { Dtype = DataType.DtFloat, TensorShape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dim { Size = x.Length } } }, FloatVal = { x } };
        return new PredictRequest { ModelSpec = new ModelSpec { Name = "half_plus_two" }, Inputs = { ["x"] = tensor } };
    }
}
