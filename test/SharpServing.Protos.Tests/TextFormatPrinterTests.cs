using Google.Protobuf;
using SharpServing.Protos.Text;
using SharpServing.TestSupport;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Protos.Tests;

public sealed class TextFormatPrinterTests
{
    // The layout of `Signature was: …` in grpc_classify_regress of the transcripts.
    [Fact]
    public void Print_Signature_AsRecorded()
    {
        var signature = new SignatureDef { MethodName = "tensorflow/serving/classify" };
        signature.Inputs["inputs"] = new TensorInfo
        {
            Name = "examples:0",
            Dtype = DataType.DtString,
            TensorShape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dim { Size = -1 } } },
        };
        signature.Outputs["b"] = new TensorInfo { TensorShape = new TensorShapeProto { UnknownRank = true } };
        signature.Outputs["a"] = new TensorInfo();
        TextFormat.Print(signature).ShouldBe(
            "inputs {\n  key: \"inputs\"\n  value {\n    name: \"examples:0\"\n    dtype: DT_STRING\n    tensor_shape {\n      dim {\n        size: -1\n      }\n    }\n  }\n}\n"
            + "outputs {\n  key: \"a\"\n  value {\n  }\n}\noutputs {\n  key: \"b\"\n  value {\n    tensor_shape {\n      unknown_rank: true\n    }\n  }\n}\n"
            + "method_name: \"tensorflow/serving/classify\"\n");
    }

    [Fact]
    public void Print_EveryKindOfField_ReadsBackEqual()
    {
        var tensor = new TensorProto
        {
            Dtype = DataType.DtFloat,
            TensorContent = ByteString.CopyFrom(0, 1, 34, 39, 92, 10, 200, 255),
            FloatVal = { 0.1f, -1e-30f, 3e10f },
            DoubleVal = { 0.1, 1e300 },
            Int64Val = { long.MinValue, long.MaxValue },
            BoolVal = { true, false },
            StringVal = { ByteString.CopyFromUtf8("é\"\n"), ByteString.Empty },
        };
        var request = new PredictRequest
        {
            ModelSpec = new ModelSpec { Name = "tab\tquote\"é", Version = 0 },
            Inputs = { ["b"] = tensor, [""] = new TensorProto() },
            OutputFilter = { "y", "" },
        };
        var back = new PredictRequest();
        string text = TextFormat.Print(request);
        TextFormat.TryParse(System.Text.Encoding.UTF8.GetBytes(text), back, out IReadOnlyList<TextFormatDiagnostic> faults)
            .ShouldBeTrue($"{string.Join('\n', faults)}\n{text}");
        back.ShouldBe(request);
    }

    [Fact]
    public void Print_RecordedSignatures_ReadBackEqual()
    {
        string file = SharedData.PathOf("golden", "tfs_transcripts", "models", "examples", "1", "saved_model.pb");
        int seen = 0;
        foreach (SignatureDef signature in SavedModel.Parser.ParseFrom(File.ReadAllBytes(file)).MetaGraphs[0].SignatureDef.Values)
        {
            var back = new SignatureDef();
            TextFormat.TryParse(System.Text.Encoding.UTF8.GetBytes(TextFormat.Print(signature)), back, out _).ShouldBeTrue();
            back.ShouldBe(signature);
            seen++;
        }

        seen.ShouldBeGreaterThan(20);
    }
}
