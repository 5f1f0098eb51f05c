namespace SharpServing.Server.Rest.Http;

/// <summary>Facts of each <see cref="HttpMethod"/>.</summary>
internal static class HttpMethods
{
    public static HttpMethod Parse(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("GET"u8) => HttpMethod.Get,
        _ when name.SequenceEqual("POST"u8) => HttpMethod.Post,
        _ when name.SequenceEqual("HEAD"u8) => HttpMethod.Head,
        _ when name.SequenceEqual("PUT"u8) => HttpMethod.Put,
        _ when name.SequenceEqual("DELETE"u8) => HttpMethod.Delete,
        _ when name.SequenceEqual("OPTIONS"u8) => HttpMethod.Options,
        _ when name.SequenceEqual("PATCH"u8) => HttpMethod.Patch,
        _ when name.SequenceEqual("TRACE"u8) => HttpMethod.Trace,
        _ when name.SequenceEqual("CONNECT"u8) => HttpMethod.Connect,
        _ => HttpMethod.Unknown,
    };

    public static string ToName(this HttpMethod method) => method switch
    {
        HttpMethod.Get => "GET",
        HttpMethod.Post => "POST",
        HttpMethod.Head => "HEAD",
        HttpMethod.Put => "PUT",
        HttpMethod.Delete => "DELETE",
        HttpMethod.Options => "OPTIONS",
        HttpMethod.Patch => "PATCH",
        HttpMethod.Trace => "TRACE",
        HttpMethod.Connect => "CONNECT",
        _ => "",
    };

    /// <summary>Those that the original lets through to its dispatcher.</summary>
    public static bool IsAllowed(this HttpMethod method) => method is not (HttpMethod.Unknown or HttpMethod.Trace or HttpMethod.Connect);

    /// <summary>Those whose requests can have a body.</summary>
    public static bool MayHaveBody(this HttpMethod method) => method is not (HttpMethod.Head or HttpMethod.Trace or HttpMethod.Unknown);

    /// <summary>Those whose answers carry no Content-Length.</summary>
    public static bool HasNoAnswerBody(this HttpMethod method) => method is HttpMethod.Head or HttpMethod.Connect;
}
