using System.Globalization;
using Google.Protobuf;
using SharpServing.Conformance.Tests.Document;
using SharpServing.Conformance.Tests.Support;
using Tensorflow;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>Models that answer with the tensors or results of section E, whatever they are asked.</summary>
internal static class AnswerModels
{
    private const string Default = "serving_default";

    public static IEnumerable<ServedModel> Make(IEnumerable<CaseBlock> blocks, string folder)
    {
        foreach (CaseBlock block in blocks)
        {
            string target = Path.Combine(folder, block.Id);
            Make(block).Save(target);
            yield return new ServedModel(block.Id, target);
        }
    }

    /// <summary><c>predict</c>, <c>classify</c> or <c>regress</c>, and what to send.</summary>
    public static (string Verb, string Body) RequestOf(CaseBlock block)
    {
        string kind = block.About.Split(',')[0];
        if (kind is "row" or "columnar")
        {
            return ("predict", kind == "row" ? "{\"instances\":[0]}" : "{\"inputs\":[0]}");
        }

        int examples = block.Value("tensors/results").Split(' ').Length;
        return (kind, $"{{\"examples\":[{string.Join(',', Enumerable.Repeat("{}", examples))}]}}");
    }

    /// <summary>
    /// Gives one result for each Example: <c>LABEL=SCORE;…</c>. Labels that are all empty, or scores that are all zero, come from an output
    /// that is not there.
    /// </summary>
    public static ModelMaker Classifier(params string[] results)
    {
        var maker = new ModelMaker();
        string inputs = maker.Placeholder("inputs", DataType.DtString);
        string[][] pairs = [.. results.SelectMany(result => result.Split(';')).Select(pair => pair.Split('='))];
        long[] shape = [results.Length, pairs.Length / results.Length];
        string[] labels = [.. pairs.Select(pair => pair[0])];
        string[] scores = [.. pairs.Select(pair => pair[1])];
        var fetched = new List<(string, string, DataType)>();
        if (Array.Exists(labels, label => label.Length > 0))
        {
            fetched.Add(("classes", maker.Const("classes", Tensor(DataType.DtString, shape, labels)), DataType.DtString));
        }

        if (Array.Exists(scores, score => score != "0"))
        {
            fetched.Add(("scores", maker.Const("scores", Tensor(DataType.DtFloat, shape, scores)), DataType.DtFloat));
        }

        return maker.Signature(Default, "tensorflow/serving/classify", [("inputs", inputs, DataType.DtString)], [.. fetched]);
    }

    private static ModelMaker Make(CaseBlock block)
    {
        var maker = new ModelMaker();
        string[] results = block.Value("tensors/results").Split(' ');
        switch (RequestOf(block).Verb)
        {
            case "predict":
                string unused = maker.Placeholder("unused", DataType.DtFloat);
                return maker.Signature(Default, "tensorflow/serving/predict", [("unused", unused, DataType.DtFloat)], [.. results.Select(result => Output(maker, result))]);
            case "regress":
                string inputs = maker.Placeholder("inputs", DataType.DtString);
                string outputs = maker.Const("outputs", Tensor(DataType.DtFloat, [results.Length], results));
                return maker.Signature(Default, "tensorflow/serving/regress", [("inputs", inputs, DataType.DtString)], ("outputs", outputs, DataType.DtFloat));
            default:
                return Classifier(results);
        }
    }

    /// <summary>An output from name, dtype, shape and values: <c>y|float|2,1|1;2</c>.</summary>
    private static (string Alias, string Node, DataType Type) Output(ModelMaker maker, string text)
    {
        string[] parts = text.Split('|');
        DataType type = PassThroughModels.TypeOf(parts[1]);
        long[] shape = [.. parts[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(size => long.Parse(size, CultureInfo.InvariantCulture))];
        string[] values = parts[3].Split(';', StringSplitOptions.RemoveEmptyEntries);
        return (parts[0], maker.Const("out_" + parts[0], Tensor(type, shape, values)), type);
    }

    private static TensorProto Tensor(DataType type, long[] shape, string[] values)
    {
        var tensor = new TensorProto { Dtype = type, TensorShape = ModelMaker.Shape(shape) };
        foreach (string value in values)
        {
            switch (type)
            {
                case DataType.DtFloat:
                    tensor.FloatVal.Add((float)Number(value));
                    break;
                case DataType.DtDouble:
                    tensor.DoubleVal.Add(Number(value));
                    break;
                case DataType.DtHalf:
                    tensor.HalfVal.Add(BitConverter.HalfToUInt16Bits((Half)Number(value)));
                    break;
                case DataType.DtBool:
                    tensor.BoolVal.Add(bool.Parse(value));
                    break;
                case DataType.DtString:
                    tensor.StringVal.Add(ByteString.CopyFromUtf8(value));
                    break;
                case DataType.DtInt64:
                    tensor.Int64Val.Add(long.Parse(value, CultureInfo.InvariantCulture));
                    break;
                case DataType.DtUint64:
                    tensor.Uint64Val.Add(ulong.Parse(value, CultureInfo.InvariantCulture));
                    break;
                case DataType.DtUint32:
                    tensor.Uint32Val.Add(uint.Parse(value, CultureInfo.InvariantCulture));
                    break;
                default:
                    tensor.IntVal.Add(int.Parse(value, CultureInfo.InvariantCulture));
                    break;
            }
        }

        return tensor;
    }

    private static double Number(string text) => text switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
