using System.Text.RegularExpressions;
using SharpServing.Conformance.Tests.Document;
using SharpServing.Conformance.Tests.Support;
using Tensorflow;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>
/// Models that give their inputs back, one for each list of inputs in section C. Floats come as doubles and strings as base64, so that the
/// answer shows the very value.
/// </summary>
internal static partial class PassThroughModels
{
    public static DataType TypeOf(string name) => Enum.Parse<DataType>("Dt" + name, ignoreCase: true);

    public static string NameOf(CaseBlock block) => "in_" + NotWord().Replace(block.Value("signature inputs"), "_");

    public static IEnumerable<ServedModel> Make(IEnumerable<CaseBlock> blocks, string folder)
    {
        foreach (IGrouping<string, CaseBlock> group in blocks.GroupBy(NameOf))
        {
            string target = Path.Combine(folder, group.Key);
            string[] names = [.. group.Select(block => SignatureName().Match(block.Fenced("request body:") ?? "")).Where(m => m.Success).Select(m => m.Groups["text"].Value)];
            Make(group.First().Value("signature inputs"), ["serving_default", .. names]).Save(target);
            yield return new ServedModel(group.Key, target);
        }
    }

    private static ModelMaker Make(string inputs, string[] signatures)
    {
        var maker = new ModelMaker();
        var fed = new List<(string, string, DataType)>();
        var fetched = new List<(string, string, DataType)>();
        foreach (string input in inputs.Split(',').Where(input => input != "-"))
        {
            (string alias, DataType type) = (input.Split(':')[0], TypeOf(input.Split(':')[1]));
            string fedNode = maker.Placeholder("in_" + alias, type);
            fed.Add((alias, fedNode, type));
            fetched.Add(type switch
            {
                DataType.DtFloat => (
                    alias,
                    maker.Node("out_" + alias, "Cast", [fedNode], ("SrcT", ModelMaker.Type(type)), ("DstT", ModelMaker.Type(DataType.DtDouble))),
                    DataType.DtDouble),
                DataType.DtString => (alias + "_bytes", maker.Node("out_" + alias, "Identity", [fedNode], ("T", ModelMaker.Type(type))), type),
                _ => (alias, maker.Node("out_" + alias, "Identity", [fedNode], ("T", ModelMaker.Type(type))), type),
            });
        }

        if (fed.Count == 0)
        {
            var one = new TensorProto { Dtype = DataType.DtFloat, TensorShape = new TensorShapeProto(), FloatVal = { 1 } };
            fetched.Add(("y", maker.Const("out", one), DataType.DtFloat));
        }

        foreach (string signature in signatures)
        {
            maker.Signature(signature, "tensorflow/serving/predict", [.. fed], [.. fetched]);
        }

        return maker;
    }

    [GeneratedRegex("[^A-Za-z0-9]+", RegexOptions.None, 5000)]
    private static partial Regex NotWord();

    [GeneratedRegex("\"signature_name\": *\"(?<text>[^\"]+)\"", RegexOptions.None, 5000)]
    private static partial Regex SignatureName();
}
