using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using SharpServing.Protos.Text;
using SharpServing.Runtime;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Verification;

/// <summary><c>graphs/NAME</c>: a GraphDef and runs in order on one session.</summary>
internal static class GraphCases
{
    /// <param name="folder">Holds the graph, and files that it names.</param>
    public static void Run(string folder, JsonElement file, VerifyContext context)
    {
        GoldenError? loadError = file.TryGetProperty("load_error", out JsonElement error)
            ? GoldenError.Read(error, file.TryGetProperty("message_varies", out _))
            : null;
        bool soft = (file.TryGetProperty("allow_soft_placement", out JsonElement allow) && allow.GetBoolean())
            || file.TryGetProperty("loads_with", out _);
        IGraphSession? session = null;
        ServingStatus status = VerifyContext.Guard(() =>
        {
            GraphDef graph = ReadGraph(folder);
            UseFilesOf(folder, graph);
            return context.Backend.TryOpenGraph(graph, soft, out session);
        });
        if (loadError is not null)
        {
            context.CheckLoad("load", status, loadError);
        }
        else if (!status.IsOk)
        {
            ReportAll(file, context, status);
        }
        else
        {
            Run(file, session!, context);
        }

        session?.Dispose();
    }

    private static GraphDef ReadGraph(string folder)
    {
        if (Directory.GetFiles(folder, "*.pb") is [string binary, ..])
        {
            return GraphDef.Parser.ParseFrom(File.ReadAllBytes(binary));
        }

        var graph = new GraphDef();
        string text = Directory.GetFiles(folder, "*.pbtxt")[0];
        return TextFormat.TryParse(File.ReadAllBytes(text), graph, out IReadOnlyList<TextFormatDiagnostic> diagnostics)
            ? graph
            : throw StatusException.DataLoss($"{text}: {diagnostics[^1]}");
    }

    private static void Run(JsonElement file, IGraphSession session, VerifyContext context)
    {
        foreach (JsonElement node in file.TryGetProperty("init", out JsonElement init) ? init.EnumerateArray() : [])
        {
            ServingStatus status = VerifyContext.Guard(() => new CaseRun([], [], [node.GetString()!]).Execute(session, context.Options.Timeout, out _));
            if (!status.IsOk)
            {
                ReportAll(file, context, new ServingStatus(status.Code, $"init {node.GetString()}: {status.Message}"));
                return;
            }
        }

        int number = 0;
        foreach (JsonElement run in file.GetProperty("runs").EnumerateArray())
        {
            string id = IdOf(run, number++);
            var feeds = new List<(string, Tensor)>();
            foreach (JsonProperty feed in run.GetProperty("feeds").EnumerateObject())
            {
                feeds.Add((feed.Name, GoldenTensorReader.Read(feed.Value).Values!));
            }

            // Not filtered: state carries over from run to run.
            GoldenAnswer answer = GoldenAnswerReader.Read(run);
            var caseRun = new CaseRun(feeds, Texts(run, "fetches"), Texts(run, "targets"));
            context.RunInSequence(id, session, answer.Error is null ? caseRun.WithoutFedFetches() : caseRun, answer);
            foreach ((_, Tensor value) in feeds)
            {
                value.Release();
            }
        }
    }

    private static void ReportAll(JsonElement file, VerifyContext context, ServingStatus status)
    {
        int number = 0;
        foreach (JsonElement run in file.GetProperty("runs").EnumerateArray())
        {
            context.CheckLoad(IdOf(run, number++), status, expected: null);
        }
    }

    private static string IdOf(JsonElement run, int number) =>
        run.TryGetProperty("id", out JsonElement id) ? id.GetString()! : number.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> Texts(JsonElement run, string name) =>
        run.TryGetProperty(name, out JsonElement texts) ? texts.EnumerateArray().Select(t => t.GetString()!) : [];

    /// <summary>The graph names files without their folder; a constant that names one is given its full path.</summary>
    private static void UseFilesOf(string folder, GraphDef graph)
    {
        var files = new Dictionary<string, ByteString>();
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            files.Add(Path.GetFileName(file), ByteString.CopyFromUtf8(file));
        }

        foreach (NodeDef node in graph.Node)
        {
            if (node.Op == "Const" && node.Attr.TryGetValue("value", out AttrValue? value) && value.Tensor?.Dtype == DataType.DtString)
            {
                for (int i = 0; i < value.Tensor.StringVal.Count; i++)
                {
                    if (files.TryGetValue(Encoding.UTF8.GetString(value.Tensor.StringVal[i].Span), out ByteString? path))
                    {
                        value.Tensor.StringVal[i] = path;
                    }
                }
            }
        }
    }
}
