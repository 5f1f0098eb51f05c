using SharpServing.Server.Rest.Json;

namespace SharpServing.Server.Rest;

/// <summary>Objects of the form <c>{"b64": "text"}</c>: they stand for a string of bytes.</summary>
internal static class JsonBase64
{
    /// <returns>True for an object with that one member; <paramref name="text"/> is still encoded.</returns>
    public static bool TryGet(JsonValue value, out JsonValue text)
    {
        text = default;
        if (!value.IsObject || value.Count != 1)
        {
            return false;
        }

        text = value.First.Next;
        return value.First.String.SequenceEqual("b64"u8) && text.Kind == JsonKind.String;
    }

    public static bool Is(JsonValue value) => TryGet(value, out _);
}
