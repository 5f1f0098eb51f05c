using System.Globalization;
using System.Text.Json;
using SharpServing.Runtime;
using SharpServing.SavedModel;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Verification;

/// <summary>A SavedModel and requests in order on it: <c>golden.json</c> and <c>third_party/MODEL.json</c>.</summary>
internal static class ModelCases
{
    /// <param name="directory">The version folder, weights in place.</param>
    public static void Run(string directory, JsonElement file, VerifyContext context)
    {
        bool soft = file.TryGetProperty("loads_with", out _);
        bool isRefused = RunRefusals(directory, file, context);
        if (file.TryGetProperty("load_error", out JsonElement error))
        {
            Open(directory, TagsOf(file), soft, context, out IGraphSession? none, out ServingStatus status);
            context.CheckLoad("load", status, GoldenError.Read(error, messageVaries: false));
            none?.Dispose();
            return;
        }

        if (file.TryGetProperty("requests", out JsonElement requests) && file.TryGetProperty("tags", out _) && !file.TryGetProperty("not_run", out _))
        {
            RunRequests(directory, file, requests, soft, isOlder: false, context);
        }

        // What an older TensorFlow answers counts only where the model loads, although the newest one refuses it.
        if (file.TryGetProperty("older", out JsonElement older) && !isRefused && older.TryGetProperty("requests", out requests))
        {
            RunRequests(directory, older, requests, soft, isOlder: true, context);
        }
    }

    private static bool RunRefusals(string directory, JsonElement file, VerifyContext context)
    {
        bool isRefused = false;
        foreach (JsonElement refusal in file.TryGetProperty("refused", out JsonElement refused) ? refused.EnumerateArray() : [])
        {
            string[] tags = TagsOf(refusal);
            Open(directory, tags, soft: false, context, out IGraphSession? session, out ServingStatus status);
            if (!status.IsOk || !file.TryGetProperty("older", out _))
            {
                context.CheckLoad($"load {string.Join(',', tags)}", status, GoldenError.Read(refusal.GetProperty("error"), messageVaries: false));
            }

            isRefused |= !status.IsOk && file.TryGetProperty("older", out JsonElement older) && TagsOf(older).Order().SequenceEqual(tags.Order());
            session?.Dispose();
        }

        return isRefused;
    }

    private static void RunRequests(string directory, JsonElement part, JsonElement requests, bool soft, bool isOlder, VerifyContext context)
    {
        string[] tags = TagsOf(part);
        Open(directory, tags, soft, context, out IGraphSession? session, out ServingStatus status);
        SavedModelGraph? graph = null;
        if (status.IsOk)
        {
            status = SavedModelReader.TryRead(directory, tags, out graph);
        }

        if (status.IsOk)
        {
            status = RunInit(directory, part, session!, context);
        }

        int number = 0;
        foreach (JsonElement request in requests.EnumerateArray())
        {
            string id = request.TryGetProperty("id", out JsonElement given) ? given.GetString()! : number.ToString(CultureInfo.InvariantCulture);
            number++;
            if (context.CheckLoad(id, status, expected: null))
            {
                // The answers of third-party models were recorded below the serving layer.
                RunRequest(id, graph!.MetaGraph, session!, request, isChecked: !part.TryGetProperty("model", out _) && !isOlder, context);
            }
        }

        if (number == 0)
        {
            if (context.CheckLoad("load", status, expected: null))
            {
                context.Report("load", VerifyOutcome.Passed);
            }
        }

        session?.Dispose();
    }

    /// <summary>Table initializers that a model leaves to its caller.</summary>
    private static ServingStatus RunInit(string directory, JsonElement part, IGraphSession session, VerifyContext context)
    {
        if (!part.TryGetProperty("init", out JsonElement nodes))
        {
            return ServingStatus.Ok;
        }

        var feeds = new List<(string, Tensor)>();
        foreach (JsonProperty feed in part.TryGetProperty("init_feeds", out JsonElement given) ? given.EnumerateObject() : default)
        {
            feeds.Add((feed.Name, Tensor.FromStrings([$"{directory}/{feed.Value.GetString()}"], Shape.Scalar)));
        }

        foreach (JsonElement node in nodes.EnumerateArray())
        {
            ServingStatus status = VerifyContext.Guard(
                () => new CaseRun(feeds, [], [node.GetString()!]).Execute(session, context.Options.Timeout, out _));
            if (!status.IsOk)
            {
                return new ServingStatus(status.Code, $"init {node.GetString()}: {status.Message}");
            }
        }

        return ServingStatus.Ok;
    }

    private static void RunRequest(
        string id, MetaGraphDef metaGraph, IGraphSession session, JsonElement request, bool isChecked, VerifyContext context)
    {
        GoldenAnswer answer = GoldenAnswerReader.Read(request);
        string key = request.GetProperty("signature").GetString()!;
        if (!metaGraph.SignatureDef.TryGetValue(key, out SignatureDef? signature))
        {
            context.CheckAnswer(id, ServingStatus.FailedPrecondition($"Serving signature key \"{key}\" not found."), [], answer);
            return;
        }

        Dictionary<string, Dictionary<string, Tensor>> inputs = ReadInputs(request.GetProperty("inputs"));
        List<(string, Tensor)> feeds = [];
        ServingStatus status = ServingStatus.Ok;
        if (isChecked)
        {
            status = ModelSignature.TryBind(signature, inputs, out feeds);
        }
        else
        {
            feeds = ModelSignature.Bind(signature, inputs);
        }

        if (!status.IsOk)
        {
            context.CheckAnswer(id, status, [], answer);
        }
        else
        {
            string[] names = [.. signature.Outputs.Keys.Order(StringComparer.Ordinal)];
            context.RunInSequence(id, session, new CaseRun(feeds, names.Select(n => signature.Outputs[n].Name), []), answer, names);
        }

        foreach (Tensor tensor in inputs.Values.SelectMany(parts => parts.Values))
        {
            tensor.Release();
        }
    }

    private static Dictionary<string, Dictionary<string, Tensor>> ReadInputs(JsonElement json)
    {
        var inputs = new Dictionary<string, Dictionary<string, Tensor>>();
        foreach (JsonProperty input in json.EnumerateObject())
        {
            var parts = new Dictionary<string, Tensor>();
            if (input.Value.TryGetProperty("coo_sparse", out JsonElement sparse))
            {
                foreach (JsonProperty part in sparse.EnumerateObject())
                {
                    parts.Add(part.Name, GoldenTensorReader.Read(part.Value).Values!);
                }
            }
            else
            {
                parts.Add("", GoldenTensorReader.Read(input.Value).Values!);
            }

            inputs.Add(input.Name, parts);
        }

        return inputs;
    }

    private static void Open(string directory, string[] tags, bool soft, VerifyContext context, out IGraphSession? session, out ServingStatus status)
    {
        IGraphSession? opened = null;
        status = VerifyContext.Guard(() => context.Backend.TryOpenModel(directory, tags, soft, out opened));
        session = opened;
    }

    private static string[] TagsOf(JsonElement json)
    {
        var tags = new List<string>();
        foreach (JsonElement tag in json.TryGetProperty("tags", out JsonElement given) ? given.EnumerateArray() : [])
        {
            tags.Add(tag.GetString()!);
        }

        return [.. tags];
    }
}
