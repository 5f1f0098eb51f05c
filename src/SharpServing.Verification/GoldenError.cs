using System.Text.Json;

namespace SharpServing.Verification;

/// <summary>A refusal as golden data gives it.</summary>
internal sealed class GoldenError
{
    public required StatusCode Code { get; init; }

    /// <summary>Texts of which any is right, without node suffix; bytes that are not UTF-8 as <see cref="StatusText"/> holds them.</summary>
    public required IReadOnlyList<string> Messages { get; init; }

    /// <summary>The whole text, with node suffix and function prefixes, where it differs.</summary>
    public string? Full { get; init; }

    /// <summary>Only the code is compared.</summary>
    public bool MessageVaries { get; init; }

    /// <exception cref="FormatException">An unknown code.</exception>
    public static GoldenError Read(JsonElement json, bool messageVaries)
    {
        string code = json.GetProperty("code").GetString()!;
        if (!StatusCodeNames.TryParse(code, out StatusCode parsed))
        {
            throw new FormatException($"\"{code}\" is no status code.");
        }

        var messages = new List<string>
        {
            json.TryGetProperty("message_b64", out JsonElement bytes)
                ? StatusText.FromBytes(bytes.GetBytesFromBase64())
                : json.GetProperty("message").GetString()!,
        };
        if (json.TryGetProperty("also", out JsonElement also))
        {
            messages.Add(also.GetString()!);
        }

        return new GoldenError
        {
            Code = parsed,
            Messages = messages,
            Full = json.TryGetProperty("full", out JsonElement full) || json.TryGetProperty("whole", out full) ? full.GetString() : null,
            MessageVaries = messageVaries,
        };
    }
}
