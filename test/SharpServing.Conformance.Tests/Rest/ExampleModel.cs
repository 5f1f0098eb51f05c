using System.Text;
using System.Text.RegularExpressions;
using SharpServing.Conformance.Tests.Document;
using SharpServing.Conformance.Tests.Support;
using Tensorflow;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>A classifier whose label for an Example is that Example's bytes in base64.</summary>
internal static partial class ExampleModel
{
    public const string Name = "examples";

    public static ServedModel Make(IEnumerable<CaseBlock> blocks, string folder)
    {
        var maker = new ModelMaker();
        string examples = maker.Placeholder("examples", DataType.DtString);
        maker.Node("encoded", "EncodeBase64", [examples], ("pad", new AttrValue { B = true }));
        maker.Const("one", new TensorProto { Dtype = DataType.DtInt32, TensorShape = new TensorShapeProto(), IntVal = { 1 } });
        maker.Node("labels", "ExpandDims", ["encoded", "one"], ("T", ModelMaker.Type(DataType.DtString)), ("Tdim", ModelMaker.Type(DataType.DtInt32)));
        foreach (string name in blocks.Select(block => SignatureName().Match(block.Fenced("request body:") ?? "")).Where(m => m.Success).Select(m => m.Groups["text"].Value).Append("serving_default"))
        {
            maker.Signature(
                name, "tensorflow/serving/classify", [("inputs", examples, DataType.DtString)], ("classes", "labels", DataType.DtString));
        }

        string target = Path.Combine(folder, Name);
        maker.Save(target);
        return new ServedModel(Name, target);
    }

    /// <summary>The features of a label, each as the document prints it.</summary>
    public static SortedDictionary<string, string> Read(string label)
    {
        Example example = Example.Parser.ParseFrom(Convert.FromBase64String(label.Replace('-', '+').Replace('_', '/')));
        var features = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, Feature feature) in example.Features.Feature)
        {
            features[name] = feature.KindCase switch
            {
                Feature.KindOneofCase.FloatList => $"float[{string.Join(", ", feature.FloatList.Value.Select(value => TensorText.Float(value)))}]",
                Feature.KindOneofCase.Int64List => $"int64[{string.Join(", ", feature.Int64List.Value)}]",
                Feature.KindOneofCase.BytesList => $"bytes[{string.Join(", ", feature.BytesList.Value.Select(value => TensorText.Quote(value.ToByteArray())))}]",
                _ => "<unset>[]",
            };
        }

        return features;
    }

    /// <summary>The Examples of a line of the document, each with the context's features, which an Example's own go before.</summary>
    public static List<SortedDictionary<string, string>> ReadExpected(string line)
    {
        Match parts = Parts().Match(line);
        parts.Success.ShouldBeTrue(line);
        SortedDictionary<string, string> context = Features(parts.Groups["context"].Value);
        var examples = new List<SortedDictionary<string, string>>();
        foreach (Match example in Braces().Matches(parts.Groups["examples"].Value))
        {
            var features = new SortedDictionary<string, string>(context, StringComparer.Ordinal);
            foreach ((string name, string value) in Features(example.Value))
            {
                features[name] = value;
            }

            examples.Add(features);
        }

        return examples;
    }

    public static string Print(IEnumerable<SortedDictionary<string, string>> examples)
    {
        var text = new StringBuilder();
        foreach (SortedDictionary<string, string> example in examples)
        {
            text.Append('{').AppendJoin(", ", example.Select(feature => $"{feature.Key}: {feature.Value}")).Append("}\n");
        }

        return text.ToString();
    }

    private static SortedDictionary<string, string> Features(string braces)
    {
        var features = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (Match feature in OneFeature().Matches(braces))
        {
            features[feature.Groups["name"].Value] = feature.Groups["value"].Value;
        }

        return features;
    }

    [GeneratedRegex(@"^(?:context=(?<context>\{.*?\}) )?examples=\[(?<examples>.*)\](?: signature_name=(?<signature>\S*))?$", RegexOptions.None, 5000)]
    private static partial Regex Parts();

    [GeneratedRegex(@"\{.*?\}", RegexOptions.None, 5000)]
    private static partial Regex Braces();

    [GeneratedRegex(@"(?<name>\w+): (?<value>(?:<unset>|\w+)\[.*?\])", RegexOptions.None, 5000)]
    private static partial Regex OneFeature();

    [GeneratedRegex("\"signature_name\": *\"(?<text>[^\"]+)\"", RegexOptions.None, 5000)]
    private static partial Regex SignatureName();
}
