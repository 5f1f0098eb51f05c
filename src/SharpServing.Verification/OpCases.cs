using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using SharpServing.Runtime;
using Tensorflow;

namespace SharpServing.Verification;

/// <summary><c>ops/OP.json</c>: a node named as its op, fed through placeholders, one session a case.</summary>
internal static class OpCases
{
    /// <summary>GraphDef version of the TensorFlow that recorded the cases.</summary>
    private const int GraphVersion = 2474;

    public static void Run(JsonElement file, VerifyContext context)
    {
        string op = file.GetProperty("op").GetString()!;
        foreach (JsonElement json in file.GetProperty("cases").EnumerateArray())
        {
            string id = json.GetProperty("id").GetString()!;
            if (context.IsWanted(id))
            {
                Run(op, id, json, context);
            }
        }
    }

    private static void Run(string op, string id, JsonElement json, VerifyContext context)
    {
        if (!json.TryGetProperty("attrs", out JsonElement attributes))
        {
            context.Report(id, VerifyOutcome.Refused, "the case carries no attributes");
            return;
        }

        GoldenAnswer answer = GoldenAnswerReader.Read(json);
        var inputs = new List<GoldenTensor>();
        foreach (JsonElement input in json.GetProperty("inputs").EnumerateArray())
        {
            inputs.Add(GoldenTensorReader.Read(input));
        }

        GraphDef graph = MakeGraph(op, attributes, inputs);
        IGraphSession? session = null;
        ServingStatus status = VerifyContext.Guard(() => context.Backend.TryOpenGraph(graph, allowSoftPlacement: false, out session));
        if (!status.IsOk)
        {
            context.CheckAnswer(id, status, [], answer);
        }
        else
        {
            int outputs = answer.Outputs?.Count ?? 0;
            string[] fetches = [.. Enumerable.Range(0, outputs).Select(i => string.Create(CultureInfo.InvariantCulture, $"{graph.Node[^1].Name}:{i}"))];
            var feeds = inputs.Select((input, i) => (NameOf(i), input.Values!));
            context.RunCase(id, session!, new CaseRun(feeds, fetches, outputs == 0 ? [graph.Node[^1].Name] : []), answer);
            session!.Dispose();
        }

        foreach (GoldenTensor tensor in inputs)
        {
            tensor.Values?.Release();
        }
    }

    private static GraphDef MakeGraph(string op, JsonElement attributes, List<GoldenTensor> inputs)
    {
        var graph = new GraphDef { Versions = new VersionDef { Producer = GraphVersion } };
        var node = new NodeDef { Name = op.Replace('>', '_'), Op = op };
        for (int i = 0; i < inputs.Count; i++)
        {
            graph.Node.Add(new NodeDef
            {
                Name = NameOf(i),
                Op = "Placeholder",
                Attr =
                {
                    ["dtype"] = new AttrValue { Type = (DataType)(int)inputs[i].Type },
                    ["shape"] = new AttrValue { Shape = new TensorShapeProto { UnknownRank = true } },
                },
            });
            node.Input.Add(NameOf(i));
        }

        foreach (JsonProperty attribute in attributes.EnumerateObject())
        {
            node.Attr.Add(attribute.Name, JsonParser.Default.Parse<AttrValue>(attribute.Value.GetRawText()));
        }

        graph.Node.Add(node);
        return graph;
    }

    /// <summary>As TensorFlow's Python names them; some texts quote it.</summary>
    private static string NameOf(int input) => input == 0 ? "Placeholder" : string.Create(CultureInfo.InvariantCulture, $"Placeholder_{input}");
}
