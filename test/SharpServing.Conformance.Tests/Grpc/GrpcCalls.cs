using Google.Protobuf;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Support;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Conformance.Tests.Grpc;

/// <summary>Methods, and requests of the kinds that the cases send.</summary>
internal static class GrpcCalls
{
    public const string Predict = "/tensorflow.serving.PredictionService/Predict";
    public const string Classify = "/tensorflow.serving.PredictionService/Classify";
    public const string Regress = "/tensorflow.serving.PredictionService/Regress";
    public const string MultiInference = "/tensorflow.serving.PredictionService/MultiInference";
    public const string GetModelMetadata = "/tensorflow.serving.PredictionService/GetModelMetadata";
    public const string GetModelStatus = "/tensorflow.serving.ModelService/GetModelStatus";

    public static ModelSpec Spec(string model, string signature = "", long? version = null, string label = "")
    {
        var spec = new ModelSpec { Name = model, SignatureName = signature };
        if (version is { } number)
        {
            spec.Version = number;
        }
        else if (label.Length > 0)
        {
            spec.VersionLabel = label;
        }

        return spec;
    }

    public static TensorProto Vector(params float[] values) =>
        new() { Dtype = DataType.DtFloat, TensorShape = ModelMaker.Shape(values.Length), FloatVal = { values } };

    public static TensorProto Scalar(float value) => new() { Dtype = DataType.DtFloat, FloatVal = { value } };

    public static PredictRequest PredictX(ModelSpec spec, params float[] x) => new() { ModelSpec = spec, Inputs = { ["x"] = Vector(x) } };

    public static Example Example(params (string Name, float Value)[] features)
    {
        var example = new Example { Features = new Features() };
        foreach ((string name, float value) in features)
        {
            example.Features.Feature[name] = new Feature { FloatList = new FloatList { Value = { value } } };
        }

        return example;
    }

    public static Input Examples(params float[] x) => Examples([.. x.Select(value => Example(("x", value)))]);

    public static Input Examples(params Example[] examples) => new() { ExampleList = new ExampleList { Examples = { examples } } };

    public static Input InContext(Example context, params Example[] examples) =>
        new() { ExampleListWithContext = new ExampleListWithContext { Context = context, Examples = { examples } } };

    public static async Task RefusedAsync(ConformanceServer server, string method, IMessage request, StatusCode code, string text)
    {
        GrpcAnswer answer = await server.Grpc.CallAsync(method, request);
        answer.Status.ShouldBe(new ServingStatus(code, text));
    }

    public static async Task RefusedAsync(ConformanceServer server, string method, IMessage request, StatusCode code)
    {
        GrpcAnswer answer = await server.Grpc.CallAsync(method, request);
        answer.Status.Code.ShouldBe(code, answer.Status.Message);
    }

    /// <summary>y of HP2 and its like.</summary>
    public static async Task GivesAsync(ConformanceServer server, PredictRequest request, params float[] y)
    {
        PredictResponse response = await server.CallAsync<PredictResponse>(Predict, request);
        response.Outputs["y"].FloatVal.ShouldBe(y);
    }
}
