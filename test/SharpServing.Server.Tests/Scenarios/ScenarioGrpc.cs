using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf;
using SharpServing.Server.Tests.Support;
using SharpServing.Server.Tests.Transcripts;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>Makes a recorded gRPC call and compares the answer with the recorded one.</summary>
internal static partial class ScenarioGrpc
{
    /// <returns>Null for the same answer, else the difference.</returns>
    public static async Task<string?> CompareAsync(JsonElement exchange, GrpcTestClient client, ScenarioPlace place, string model)
    {
        JsonElement expected = exchange.GetProperty("status");
        string method = exchange.GetProperty("method").GetString()!;
        byte[] request = Request(exchange.GetProperty("request"), model);
        bool isReload = method.EndsWith("/HandleReloadConfigRequest", StringComparison.Ordinal);
        if (isReload)
        {
            ReloadConfigRequest reload = ReloadConfigRequest.Parser.ParseFrom(request);
            foreach (ModelConfig config in reload.Config?.ModelConfigList?.Config ?? [])
            {
                config.BasePath = place.Place(config.BasePath);
            }

            request = reload.ToByteArray();
        }

        GrpcAnswer answer;
        try
        {
            (string, string)[] headers = exchange.TryGetProperty("timeout_s", out JsonElement seconds)
                ? [("grpc-timeout", $"{(int)(seconds.GetDouble() * 1000)}m")]
                : [];
            answer = await client.CallRawAsync(method, GrpcTestClient.Frame(request), headers);
        }
        catch (HttpRequestException exception)
        {
            return expected.GetProperty("code").GetString() == "UNAVAILABLE" ? null : exception.Message;
        }

        string message = expected.TryGetProperty("message", out JsonElement text) ? text.GetString()! : "";
        string code = expected.GetProperty("code").GetString()!;
        if (code == "DEADLINE_EXCEEDED" && message == "(deadline of the client)")
        {
            return answer.Status.Code == StatusCode.DeadlineExceeded ? null : $"{answer.Status}, recorded {code}";
        }

        if (answer.Status.Code.ToName() != code || Comparison.Loose(place.Unplace(answer.Status.Message)) != Comparison.Loose(message))
        {
            return $"{place.Unplace(answer.Status.ToString())}, recorded {code}: {message}";
        }

        return code != "OK" || isReload || IsSame(exchange.GetProperty("response"), method, answer.Message) ? null : "another response";
    }

    /// <summary>The same Predict of a model that is not there.</summary>
    public static async Task WarmAsync(JsonElement exchange, GrpcTestClient client)
    {
        string method = exchange.GetProperty("method").GetString()!;
        if (method.EndsWith("/Predict", StringComparison.Ordinal))
        {
            PredictRequest request = PredictRequest.Parser.ParseFrom(Request(exchange.GetProperty("request"), ""));
            request.ModelSpec.Name = "warm";
            try
            {
                await client.CallAsync(method, request);
            }
            catch (HttpRequestException)
            {
                // The call that counts says so.
            }
        }
    }

    private static bool IsSame(JsonElement response, string method, byte[] answer)
    {
        if (response.TryGetProperty("length", out JsonElement length))
        {
            return answer.Length == length.GetInt32();
        }

        byte[] wanted = response.GetProperty("b64").GetBytesFromBase64();
        return method.EndsWith("/Predict", StringComparison.Ordinal)
            ? PredictResponse.Parser.ParseFrom(answer).Equals(PredictResponse.Parser.ParseFrom(wanted))
            : Comparison.SameMessage(wanted, answer);
    }

    /// <summary>Long requests are recorded as <c>request N of golden.json</c>.</summary>
    private static byte[] Request(JsonElement request, string model)
    {
        if (request.ValueKind != JsonValueKind.String)
        {
            return request.GetProperty("b64").GetBytesFromBase64();
        }

        int number = int.Parse(GoldenRequest().Match(request.GetString()!).Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(ScenarioPlace.ModelFolder(model), "1", "golden.json")));
        return GoldenPredict.Make("default", golden.RootElement.GetProperty("requests")[number]).ToByteArray();
    }

    [GeneratedRegex("^request (?<number>[0-9]+) of golden.json$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex GoldenRequest();
}
