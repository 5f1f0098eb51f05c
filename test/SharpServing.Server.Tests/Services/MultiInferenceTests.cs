using Google.Protobuf;
using SharpServing.Ops;
using SharpServing.Server.Startup;
using SharpServing.Server.Tests.Startup;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Services;

/// <summary>The tasks of a MultiInference run the graph once.</summary>
public sealed class MultiInferenceTests : IAsyncDisposable
{
    private readonly StartedServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(1, 101, "count", "plus_100")]
    [InlineData(101, 1, "plus_100", "count")]
    [InlineData(7, 101, "other", "plus_100")]
    [InlineData(7, 1, "other", "count")]
    public async Task Run_TasksThatShareACounter_CountOnce(float first, float second, params string[] signatures)
    {
        Directory.CreateDirectory(Path.Combine(_server.Folder, "m", "1"));
        await File.WriteAllBytesAsync(Path.Combine(_server.Folder, "m", "1", "saved_model.pb"), Model().ToByteArray());
        await _server.StartAsync(_server.Entry("m"), SavedModelOpeners.ForRegistry(static () => OpCatalog.Registry));

        float[] once = await CallAsync(signatures);
        float[] twice = await CallAsync(signatures);

        once.ShouldBe([first, second]);
        twice.ShouldBe([.. once.Select(value => value == 7 ? value : value + 1)]);
    }

    private static NodeDef Node(string name, string op, string[] inputs, params (string Name, AttrValue Value)[] attributes)
    {
        var node = new NodeDef { Name = name, Op = op, Input = { inputs } };
        foreach ((string attribute, AttrValue value) in attributes)
        {
            node.Attr[attribute] = value;
        }

        return node;
    }

    private static NodeDef Const(string name, float value) => Node(
        name, "Const", [], ("dtype", Type(DataType.DtFloat)), ("value", new AttrValue { Tensor = new TensorProto { Dtype = DataType.DtFloat, TensorShape = new(), FloatVal = { value } } }));

    private static AttrValue Type(DataType type) => new() { Type = type };

    /// <summary>Regress signatures: <c>count</c> counts runs, <c>plus_100</c> adds 100 to the same count, <c>other</c> is 7 and has an input of its own.</summary>
    private static Tensorflow.SavedModel Model()
    {
        (string, AttrValue) type = ("T", Type(DataType.DtFloat));
        (string, AttrValue) dtype = ("dtype", Type(DataType.DtFloat));
        (string, AttrValue) strings = ("dtype", Type(DataType.DtString));
        var meta = new MetaGraphDef { MetaInfoDef = new MetaGraphDef.Types.MetaInfoDef { Tags = { "serve" } }, GraphDef = new GraphDef() };
        meta.GraphDef.Node.Add(
        [
            Node("examples", "Placeholder", [], strings),
            Node("other_examples", "Placeholder", [], strings),
            Const("zero", 0),
            Const("one", 1),
            Const("hundred", 100),
            Const("seven", 7),
            Node("counter", "VarHandleOp", [], dtype, ("shape", new AttrValue { Shape = new TensorShapeProto() })),
            Node("init", "AssignVariableOp", ["counter", "zero"], dtype),
            Node("add", "AssignAddVariableOp", ["counter", "one"], dtype),
            Node("read", "ReadVariableOp", ["counter", "^add"], dtype),
            Node("shape", "Shape", ["examples"], ("T", Type(DataType.DtString))),
            Node("count", "Fill", ["shape", "read"], type),
            Node("plus_100", "AddV2", ["count", "hundred"], type),
            Node("other_shape", "Shape", ["other_examples"], ("T", Type(DataType.DtString))),
            Node("other", "Fill", ["other_shape", "seven"], type),
        ]);
        meta.SignatureDef["__saved_model_init_op"] = new SignatureDef { Outputs = { ["__saved_model_init_op"] = new TensorInfo { Name = "init" } } };
        foreach ((string name, string feed) in new[] { ("count", "examples"), ("plus_100", "examples"), ("other", "other_examples") })
        {
            meta.SignatureDef[name] = new SignatureDef
            {
                MethodName = "tensorflow/serving/regress",
                Inputs = { ["inputs"] = new TensorInfo { Name = $"{feed}:0", Dtype = DataType.DtString, TensorShape = new TensorShapeProto { UnknownRank = true } } },
                Outputs = { ["outputs"] = new TensorInfo { Name = $"{name}:0", Dtype = DataType.DtFloat, TensorShape = new TensorShapeProto { UnknownRank = true } } },
            };
        }

        return new Tensorflow.SavedModel { SavedModelSchemaVersion = 1, MetaGraphs = { meta } };
    }

    private async Task<float[]> CallAsync(string[] signatures)
    {
        var request = new MultiInferenceRequest { Input = new Input { ExampleList = new ExampleList { Examples = { new Example() } } } };
        foreach (string signature in signatures)
        {
            request.Tasks.Add(new InferenceTask { ModelSpec = new ModelSpec { Name = "m", SignatureName = signature }, MethodName = "tensorflow/serving/regress" });
        }

        var answer = await _server.Grpc.CallAsync("/tensorflow.serving.PredictionService/MultiInference", request);
        answer.Status.ShouldBe(ServingStatus.Ok);
        return [.. MultiInferenceResponse.Parser.ParseFrom(answer.Message).Results.Select(result => result.RegressionResult.Regressions[0].Value)];
    }
}
