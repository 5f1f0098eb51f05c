using System.Text;
using System.Text.Json;

namespace SharpServing.Server.Tests.Transcripts;

/// <summary>One recorded exchange: a line of a transcript file.</summary>
internal sealed class Exchange
{
    private readonly JsonElement _json;

    private Exchange(JsonElement json) => _json = json;

    public string Id => _json.GetProperty("id").GetString()!;

    public bool IsGrpc => _json.TryGetProperty("status", out _);

    public bool Varies => _json.TryGetProperty("varies", out JsonElement varies) && varies.ValueKind == JsonValueKind.Array && varies.GetArrayLength() > 0;

    /// <summary>The body's text differed between two recordings, not only its order.</summary>
    public bool BodyVaries => Varies && _json.GetProperty("varies").EnumerateArray().Any(v => v.GetString() == "response.body");

    public JsonElement Json => _json;

    public static IEnumerable<Exchange> Read(string file)
    {
        foreach (string line in File.ReadLines(file))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            yield return new Exchange(document.RootElement.Clone());
        }
    }

    /// <summary>Bytes that are written as a string where they are UTF-8, else as <c>{"b64"}</c>.</summary>
    public static byte[] BytesOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Encoding.UTF8.GetBytes(value.GetString()!),
        JsonValueKind.Object => value.GetProperty("b64").GetBytesFromBase64(),
        _ => [],
    };

    public static byte[] BytesOf(JsonElement parent, string name) => parent.TryGetProperty(name, out JsonElement value) ? BytesOf(value) : [];
}
