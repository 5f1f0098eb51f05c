using System.Text.Json;
using SharpServing.TestSupport;

namespace SharpServing.EndToEnd.Tests.Recorded;

/// <summary>One row of golden_models_served: what the original answered when a golden model was added to it by a reload.</summary>
internal sealed class RecordedModel
{
    private readonly JsonElement _json;

    private RecordedModel(JsonElement json) => _json = json;

    public static string Root { get; } = SharedData.PathOf("golden");

    public string Name => _json.GetProperty("id").GetString()!;

    /// <summary>The folder of the model's versions.</summary>
    public string Folder => Path.Combine(Root, _json.GetProperty("model").GetString()!);

    public JsonElement Load => _json.GetProperty("load");

    public JsonElement Status => _json.GetProperty("status");

    /// <summary>Null where it is too long to be recorded.</summary>
    public JsonElement? Metadata => _json.TryGetProperty("metadata", out JsonElement metadata) ? metadata : null;

    public IReadOnlyList<JsonElement> Requests =>
        _json.TryGetProperty("requests", out JsonElement requests) ? [.. requests.EnumerateArray()] : [];

    public static IEnumerable<RecordedModel> ReadAll()
    {
        foreach (string line in File.ReadLines(Path.Combine(Root, "tfs_transcripts", "golden_models_served.jsonl")))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            yield return new RecordedModel(row.RootElement.Clone());
        }
    }

    /// <summary>A part that two recordings of the original did not have in common; <c>[]</c> stands for any index.</summary>
    public bool Varies(string path) =>
        _json.TryGetProperty("varies", out JsonElement varies) && varies.EnumerateArray().Any(one => one.GetString() == path);

    /// <summary>The inputs of a request, as golden.json has them.</summary>
    public JsonElement InputsOf(JsonElement request)
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "1", "golden.json")));
        return golden.RootElement.GetProperty("requests")[request.GetProperty("golden_request").GetInt32()].GetProperty("inputs").Clone();
    }
}
