using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Server.Tests.Transcripts;

/// <summary>Sends a recorded request and says how the answer differs from the recorded one.</summary>
internal static class Replay
{
    private static readonly string[] ComparedHeaders =
    [
        "content-type", "content-encoding", "allow", "access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers",
    ];

    /// <returns>Null: the same.</returns>
    public static async Task<string?> RestAsync(Exchange exchange, int port)
    {
        JsonElement request = exchange.Json.GetProperty("request");
        JsonElement want = exchange.Json.GetProperty("response");
        if (want.TryGetProperty("timeout", out JsonElement timeout) && timeout.ValueKind != JsonValueKind.Null && timeout.ValueKind != JsonValueKind.False)
        {
            return null;
        }

        var head = new StringBuilder();
        string method = request.GetProperty("method").GetString()!;
        head.Append(method).Append(' ').Append(Encoding.Latin1.GetString(Exchange.BytesOf(request.GetProperty("target")))).Append(" HTTP/1.1\r\n");
        foreach (JsonElement header in request.GetProperty("headers").EnumerateArray())
        {
            head.Append(header[0].GetString()).Append(": ").Append(header[1].GetString()).Append("\r\n");
        }

        byte[] bytes = [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. Exchange.BytesOf(request, "body")];
        RawHttpAnswer got = await RawHttpClient.SendAsync(port, bytes, method is "HEAD" or "CONNECT");
        int status = want.GetProperty("status").GetInt32();
        string reason = want.GetProperty("reason").GetString()!;
        if (got.Status != status || got.Reason != reason)
        {
            return $"{got.Status} {got.Reason}, not {status} {reason}: {Cut(got.Text)}";
        }

        foreach (JsonElement header in want.GetProperty("headers").EnumerateArray())
        {
            string name = header[0].GetString()!.ToLowerInvariant();
            if (ComparedHeaders.Contains(name) && got.Headers.GetValueOrDefault(name) != header[1].GetString())
            {
                return $"{name}: {got.Headers.GetValueOrDefault(name)}, not {header[1].GetString()}";
            }
        }

        byte[] body = Exchange.BytesOf(want, "body");
        return method == "HEAD" || Comparison.SameBody(body, got.Body, exchange)
            ? null
            : $"body {Cut(got.Text)}\n      not {Cut(Encoding.UTF8.GetString(body))}";
    }

    /// <returns>Null: the same.</returns>
    public static async Task<string?> GrpcAsync(Exchange exchange, GrpcTestClient client)
    {
        byte[] message = Exchange.BytesOf(exchange.Json, "request");
        var headers = new List<(string, string)>();
        if (exchange.Json.TryGetProperty("metadata", out JsonElement metadata))
        {
            foreach (JsonElement entry in metadata.EnumerateArray())
            {
                headers.Add((entry[0].GetString()!, entry[1].ValueKind == JsonValueKind.String ? entry[1].GetString()! : "AA=="));
            }
        }

        if (exchange.Json.TryGetProperty("timeout_s", out JsonElement timeout) && timeout.ValueKind == JsonValueKind.Number)
        {
            headers.Add(("grpc-timeout", $"{(long)(timeout.GetDouble() * 1000)}m"));
        }

        byte flags = 0;
        if (exchange.Json.TryGetProperty("compression", out JsonElement compression) && compression.ValueKind == JsonValueKind.String)
        {
            string encoding = compression.GetString()!.ToLowerInvariant();
            headers.Add(("grpc-encoding", encoding));
            message = Compress(message, encoding);
            flags = 1;
        }

        GrpcAnswer got = await client.CallRawAsync(
            exchange.Json.GetProperty("method").GetString()!, GrpcTestClient.Frame(message, flags), [.. headers]);
        JsonElement want = exchange.Json.GetProperty("status");
        string code = want.GetProperty("code").GetString()!;
        if (got.Status.Code.ToName() != code)
        {
            return $"{got.Status}, not {want}";
        }

        if (code != "OK")
        {
            string wanted = Encoding.UTF8.GetString(Exchange.BytesOf(want, "message"));
            bool isClients = wanted.Contains("deadline of the client", StringComparison.Ordinal);
            bool same = wanted == got.Status.Message || Comparison.Loose(wanted) == Comparison.Loose(got.Status.Message);
            return same || exchange.Varies || isClients ? null : $"message {Cut(got.Status.Message)}\n      not {Cut(wanted)}";
        }

        if (exchange.Json.TryGetProperty("response", out JsonElement large) && large.TryGetProperty("sha256", out JsonElement checksum))
        {
            // Large answers with one output are recorded by their checksum.
            string sum = Convert.ToHexStringLower(SHA256.HashData(got.Message));
            return sum == checksum.GetString() ? null : $"response of {got.Message.Length} bytes with another checksum";
        }

        byte[] response = Exchange.BytesOf(exchange.Json, "response");
        return Comparison.SameMessage(response, got.Message)
            ? null
            : $"response {Cut(Convert.ToHexString(got.Message))}\n      not {Cut(Convert.ToHexString(response))}";
    }

    private static byte[] Compress(byte[] message, string encoding)
    {
        using var buffer = new MemoryStream();
        using (Stream stream = encoding == "gzip" ? new GZipStream(buffer, CompressionMode.Compress) : new ZLibStream(buffer, CompressionMode.Compress))
        {
            stream.Write(message);
        }

        return buffer.ToArray();
    }

    private static string Cut(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
