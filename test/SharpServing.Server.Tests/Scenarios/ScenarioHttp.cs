using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SharpServing.Server.Tests.Transcripts;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>Sends a recorded HTTP request as it is and compares the answer with the recorded one.</summary>
internal static class ScenarioHttp
{
    private const int PatienceMs = 60_000;

    /// <returns>Null for the same answer, else the difference.</returns>
    public static string? Compare(JsonElement exchange, int port, Func<string, string> normalise)
    {
        JsonElement expected = exchange.GetProperty("response");
        if (expected.TryGetProperty("timeout", out _))
        {
            return null;
        }

        (string statusLine, string contentType, string body) = Send(exchange.GetProperty("request"), port);
        if (!expected.TryGetProperty("status", out _))
        {
            return $"{statusLine}, where the original died";
        }

        string status = $"HTTP/1.1 {expected.GetProperty("status").GetInt32()} {expected.GetProperty("reason").GetString()}";
        body = normalise(body);
        if (statusLine != status)
        {
            return $"{statusLine}, recorded {status}: {body}";
        }

        foreach (JsonElement header in expected.GetProperty("headers").EnumerateArray())
        {
            if (header[0].GetString() == "Content-Type" && header[1].GetString() != contentType)
            {
                return $"content type {contentType}, recorded {header[1].GetString()}";
            }
        }

        string want = expected.TryGetProperty("body", out JsonElement text) ? Text(text) : "";
        return body == want || SameJson(body, want) || Comparison.Loose(body) == Comparison.Loose(want) ? null : $"{body}\nrecorded\n{want}";
    }

    public static (string StatusLine, string ContentType, string Body) Send(JsonElement request, int port)
    {
        var head = new StringBuilder();
        head.Append(request.GetProperty("method").GetString()).Append(' ').Append(Text(request.GetProperty("target"))).Append(" HTTP/1.1\r\n");
        string body = request.TryGetProperty("body", out JsonElement text) ? Text(text) : "";
        foreach (JsonElement header in request.GetProperty("headers").EnumerateArray())
        {
            // Not as recorded: a body may be another one here.
            bool isLength = header[0].GetString() == "Content-Length";
            string value = isLength ? Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture) : header[1].GetString()!;
            head.Append(header[0].GetString()).Append(": ").Append(value).Append("\r\n");
        }

        return Exchange(port, Encoding.Latin1.GetBytes(head.Append("Connection: close\r\n\r\n").ToString()), Encoding.UTF8.GetBytes(body));
    }

    /// <summary>The same request to a model that is not there.</summary>
    public static void Warm(JsonElement exchange, int port)
    {
        JsonElement request = exchange.GetProperty("request");
        string body = request.TryGetProperty("body", out JsonElement text) ? Text(text) : "";
        string head = $"POST /v1/models/warm:predict HTTP/1.1\r\nHost: x\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n";
        Exchange(port, Encoding.Latin1.GetBytes(head), Encoding.UTF8.GetBytes(body));
    }

    public static (string StatusLine, string ContentType, string Body) Get(int port, string target) =>
        Exchange(port, Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), []);

    private static (string StatusLine, string ContentType, string Body) Exchange(int port, byte[] head, byte[] body)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = PatienceMs };
        socket.Connect(IPAddress.Loopback, port);
        socket.Send([.. head, .. body]);
        var received = new List<byte>();
        byte[] buffer = new byte[64 << 10];
        int count;
        while ((count = socket.Receive(buffer)) > 0)
        {
            received.AddRange(buffer.AsSpan(0, count));
        }

        byte[] all = [.. received];
        int end = all.AsSpan().IndexOf("\r\n\r\n"u8);
        string[] lines = Encoding.Latin1.GetString(all, 0, Math.Max(end, 0)).Split("\r\n");
        string contentType = lines.FirstOrDefault(line => line.StartsWith("Content-Type:", StringComparison.OrdinalIgnoreCase)) ?? "";
        return (lines[0], contentType[(contentType.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(), Encoding.UTF8.GetString(all, end + 4, all.Length - end - 4));
    }

    private static string Text(JsonElement text) => text.ValueKind == JsonValueKind.Object
        ? Encoding.UTF8.GetString(text.GetProperty("b64").GetBytesFromBase64())
        : text.GetString() ?? "";

    // The order of map entries is random in the original.
    private static bool SameJson(string left, string right)
    {
        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(left), JsonNode.Parse(right));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
