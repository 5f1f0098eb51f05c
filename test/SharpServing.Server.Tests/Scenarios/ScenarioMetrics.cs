using System.Text.Json;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>
/// Compares a metrics page with a recorded one: each recorded sample must be there, and no other sample of TensorFlow Serving's metrics;
/// ranges and sums of latencies are not recorded.
/// </summary>
internal static class ScenarioMetrics
{
    private const string Serving = ":tensorflow:serving:";

    public static string? Compare(JsonElement exchange, int port, Func<string, string> normalise)
    {
        JsonElement expected = exchange.GetProperty("response");
        if (!expected.TryGetProperty("body_lines", out JsonElement lines))
        {
            return ScenarioHttp.Compare(exchange, port, normalise);
        }

        (string statusLine, string contentType, string body) = ScenarioHttp.Send(exchange.GetProperty("request"), port);
        if (!statusLine.Contains($" {expected.GetProperty("status").GetInt32()} ", StringComparison.Ordinal))
        {
            return statusLine;
        }

        if (contentType != "text/plain")
        {
            return lines.GetArrayLength() == 0 ? null : $"content type {contentType}";
        }

        return Compare([.. lines.EnumerateArray().Select(line => line.GetString()!)], normalise(body));
    }

    /// <summary>The page is at its usual place.</summary>
    public static string? Compare(string[] lines, int port, Func<string, string> normalise) =>
        Compare(lines, normalise(ScenarioHttp.Get(port, "/monitoring/prometheus/metrics").Body));

    private static string? Compare(string[] lines, string page)
    {
        string[] wanted = [.. lines.Where(line => line.StartsWith(Serving, StringComparison.Ordinal))];
        string[] have = [.. page.Split('\n').Where(line => line.StartsWith(Serving, StringComparison.Ordinal))];
        string[] missing = [.. wanted.Except(have)];
        string[] names = [.. wanted.Select(NameOf).Distinct(StringComparer.Ordinal)];
        string[] more = [.. have.Except(wanted).Where(line => names.Contains(NameOf(line)))];
        return missing.Length + more.Length == 0 ? null : $"missing {string.Join(' ', missing)}; too many {string.Join(' ', more)}";
    }

    private static string NameOf(string line) => line[..line.IndexOf('{', StringComparison.Ordinal)];
}
