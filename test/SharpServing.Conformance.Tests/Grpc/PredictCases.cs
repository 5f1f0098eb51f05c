using System.Runtime.InteropServices;
using Google.Protobuf;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Conformance.Tests.Grpc;

/// <summary>Section G.1.</summary>
internal static class PredictCases
{
    private const string Default = "serving_default";

    public static IReadOnlyDictionary<string, Func<ConformanceServer, Task>> All { get; } = new Dictionary<string, Func<ConformanceServer, Task>>
    {
        ["G001"] = server => IsThreeAsync(server.Grpc, filter: true),
        ["G002"] = server => IsThreeAsync(server.Grpc, filter: false),
        ["G003"] = ScalarAsync,
        ["G004"] = OtherSignatureAsync,
        ["G007"] = server => RefusedAsync(server, GrpcCalls.PredictX(new ModelSpec(), 2), "ModelSpec has no name specified."),
        ["G010"] = server => RefusedAsync(
            server, GrpcCalls.PredictX(GrpcCalls.Spec("default", label: "nope"), 2), "Unrecognized servable version label: nope"),
        ["G011"] = server => RefusedAsync(
            server,
            new PredictRequest { ModelSpec = GrpcCalls.Spec("default") },
            "input size does not match signature: 0!=1 len({}) != len({x}). Sent extra: {}. Missing but required: {x}."),
        ["G016"] = server => RefusedAsync(
            server,
            Filtered("output_filter"),
            "output tensor alias not found in signature: output_filter Outputs expected to be in the set {y}."),
        ["G017"] = server => RefusedAsync(server, Filtered("y", "y"), "duplicate output tensor alias: y"),
        ["G019"] = server => GrpcCalls.RefusedAsync(
            server,
            GrpcCalls.Predict,
            GrpcCalls.PredictX(GrpcCalls.Spec("no_signature"), 2),
            StatusCode.FailedPrecondition,
            "Serving signature key \"serving_default\" not found."),
        ["G020"] = server => GrpcCalls.GivesAsync(server, GrpcCalls.PredictX(GrpcCalls.Spec("other_method"), 2), 2),
        ["G021"] = MethodNameAsync,
        ["G022"] = CounterAsync,
        ["G023"] = server => GivesAsync(server, Content(1, 2), 2.5f, 3),
        ["G024"] = server => GivesAsync(server, new TensorProto { Dtype = DataType.DtFloat, TensorShape = ModelMaker.Shape(3), FloatVal = { 2 } }, 3, 3, 3),
        ["G025"] = server => GivesAsync(server, new TensorProto { Dtype = DataType.DtFloat, TensorShape = ModelMaker.Shape(3) }, 2, 2, 2),
        ["G029"] = NoShapeAsync,
        ["G034"] = SocketAsync,
        ["G035"] = DeadlineAsync,
        ["G038"] = server => KerasAsync(server, "keras_identity"),
        ["G039"] = server => KerasAsync(server, "keras_dense"),
        ["G041"] = server => LiteAsync("saved_model_half_plus_two_tflite"),
        ["G042"] = server => LiteAsync("saved_model_half_plus_two_tflite_with_sigdef"),
    };

    private static Task RefusedAsync(ConformanceServer server, PredictRequest request, string text) =>
        GrpcCalls.RefusedAsync(server, GrpcCalls.Predict, request, StatusCode.InvalidArgument, text);

    private static PredictRequest Filtered(params string[] outputs)
    {
        PredictRequest request = GrpcCalls.PredictX(GrpcCalls.Spec("default"), 2);
        request.OutputFilter.Add(outputs);
        return request;
    }

    private static TensorProto Content(params float[] values) => new()
    {
        Dtype = DataType.DtFloat,
        TensorShape = ModelMaker.Shape(values.Length),
        TensorContent = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
    };

    private static Task GivesAsync(ConformanceServer server, TensorProto x, params float[] y) =>
        GrpcCalls.GivesAsync(server, new PredictRequest { ModelSpec = GrpcCalls.Spec("default"), Inputs = { ["x"] = x } }, y);

    private static async Task IsThreeAsync(GrpcTestClient client, bool filter)
    {
        PredictRequest request = GrpcCalls.PredictX(GrpcCalls.Spec("default", Default), 2);
        if (filter)
        {
            request.OutputFilter.Add("y");
        }

        GrpcAnswer answer = await client.CallAsync(GrpcCalls.Predict, request);
        answer.Status.ShouldBe(ServingStatus.Ok);
        PredictResponse.Parser.ParseFrom(answer.Message).ShouldBe(new PredictResponse
        {
            ModelSpec = GrpcCalls.Spec("default", Default, 123),
            Outputs = { ["y"] = GrpcCalls.Vector(3) },
        });
    }

    private static async Task ScalarAsync(ConformanceServer server)
    {
        var request = new PredictRequest { ModelSpec = GrpcCalls.Spec("default"), Inputs = { ["x"] = GrpcCalls.Scalar(2) } };
        PredictResponse response = await server.CallAsync<PredictResponse>(GrpcCalls.Predict, request);
        response.ShouldBe(new PredictResponse
        {
            ModelSpec = GrpcCalls.Spec("default", Default, 123),
            Outputs = { ["y"] = new TensorProto { Dtype = DataType.DtFloat, TensorShape = new TensorShapeProto(), FloatVal = { 3 } } },
        });
    }

    private static async Task OtherSignatureAsync(ConformanceServer server)
    {
        var request = new PredictRequest { ModelSpec = GrpcCalls.Spec("HP2V", "regress_x2_to_y3"), Inputs = { ["inputs"] = GrpcCalls.Scalar(2) } };
        PredictResponse response = await server.CallAsync<PredictResponse>(GrpcCalls.Predict, request);
        response.Outputs["outputs"].FloatVal.ShouldBe([4]);
    }

    private static async Task MethodNameAsync(ConformanceServer _)
    {
        string folder = Directory.CreateTempSubdirectory("conformance-method-").FullName;
        GrpcModels.OtherMethod().Save(folder);
        await using ConformanceServer server =
            await ConformanceServer.StartAsync([new ServedModel("m", folder)], "--enable_signature_method_name_check=true");
        await GrpcCalls.RefusedAsync(
            server,
            GrpcCalls.Predict,
            GrpcCalls.PredictX(GrpcCalls.Spec("m"), 2),
            StatusCode.Internal,
            "Expected prediction signature method_name to be one of {tensorflow/serving/predict, tensorflow/serving/classify, "
            + "tensorflow/serving/regress}. Was: not/supported/method");
        Directory.Delete(folder, recursive: true);
    }

    private static async Task CounterAsync(ConformanceServer _)
    {
        await using ConformanceServer server = await ConformanceServer.StartAsync([ServedModel.Fixture("counter", "tfs_counter")]);
        foreach ((string signature, float expected) in new[]
        {
            ("get_counter", 0f), ("incr_counter", 1f), ("reset_counter", 0f), ("incr_counter", 1f), ("incr_counter_by", 4f),
        })
        {
            var request = new PredictRequest { ModelSpec = GrpcCalls.Spec("counter", signature), OutputFilter = { "output" } };
            if (signature == "incr_counter_by")
            {
                request.Inputs["delta"] = GrpcCalls.Scalar(3);
            }

            PredictResponse response = await server.CallAsync<PredictResponse>(GrpcCalls.Predict, request);
            response.ModelSpec.ShouldBe(GrpcCalls.Spec("counter", signature, 123));
            response.Outputs.Keys.ShouldBe(["output"]);
            response.Outputs["output"].FloatVal.ShouldBe([expected]);
            response.Outputs["output"].TensorShape.Dim.ShouldBeEmpty();
        }
    }

    // confirmed.md, D4: an unknown rank is read as a scalar; a negative size is the error.
    private static async Task NoShapeAsync(ConformanceServer server)
    {
        var scalar = new TensorProto { Dtype = DataType.DtFloat, TensorShape = new TensorShapeProto { UnknownRank = true }, FloatVal = { 2 } };
        await GivesAsync(server, scalar, 3);
        var request = new PredictRequest
        {
            ModelSpec = GrpcCalls.Spec("default"),
            Inputs = { ["x"] = new TensorProto { Dtype = DataType.DtFloat, TensorShape = ModelMaker.Shape(-1), FloatVal = { 2 } } },
        };
        await RefusedAsync(server, request, "tensor parsing error: x");
    }

    private static async Task SocketAsync(ConformanceServer server)
    {
        using var client = new GrpcTestClient(Path.Combine(server.Folder, "socket"));
        await IsThreeAsync(client, filter: true);
    }

    private static async Task DeadlineAsync(ConformanceServer server)
    {
        var request = new PredictRequest { ModelSpec = GrpcCalls.Spec("slow"), Inputs = { ["x"] = GrpcCalls.Scalar(0) } };
        GrpcAnswer answer = await server.Grpc.CallRawAsync(GrpcCalls.Predict, GrpcTestClient.Frame(request.ToByteArray()), ("grpc-timeout", "1m"));
        answer.Status.Code.ShouldBe(StatusCode.DeadlineExceeded, answer.Status.Message);
    }

    private static async Task KerasAsync(ConformanceServer server, string model)
    {
        TensorProto x = GrpcCalls.Scalar(2);
        x.TensorShape = ModelMaker.Shape(1, 1);
        PredictResponse response = await server.CallAsync<PredictResponse>(
            GrpcCalls.Predict, new PredictRequest { ModelSpec = GrpcCalls.Spec(model), Inputs = { ["x"] = x } });
        response.Outputs["y"].FloatVal.ShouldBe([2]);
        response.Outputs["y"].TensorShape.ShouldBe(ModelMaker.Shape(1, 1));
    }

    private static async Task LiteAsync(string directory)
    {
        var lite = new ServedModel("lite", SharedData.PathOf("tflite", directory));
        await using ConformanceServer server = await ConformanceServer.StartAsync([lite], "--prefer_tflite_model=true", "--max_num_load_retries=0");
        await GrpcCalls.GivesAsync(server, GrpcCalls.PredictX(GrpcCalls.Spec("lite"), 2), 3);
    }
}
