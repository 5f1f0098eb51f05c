using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;
using SharpServing.Verification;
using Tensorflow.Serving;

namespace SharpServing.EndToEnd.Tests.Recorded;

/// <summary>A server process that golden models are put into, one after the other, and asked as the original was.</summary>
internal sealed class RecordedModelReplay : IAsyncDisposable
{
    private readonly ServerProcess _server;
    private readonly HttpClient _rest;
    private readonly GrpcTestClient _grpc;

    private RecordedModelReplay(ServerProcess server, int grpcPort, int restPort)
    {
        _server = server;
        _rest = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{restPort}") };
        _grpc = new GrpcTestClient(grpcPort);
    }

    /// <param name="folder">For the server's files.</param>
    public static async Task<RecordedModelReplay> StartAsync(string folder)
    {
        string config = Path.Combine(folder, $"{Guid.NewGuid():N}.config");
        await File.WriteAllTextAsync(config, "# no models\n");
        (int grpcPort, int restPort) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        ServerProcess server = await ServerProcess.StartAsync(
            ServerProcess.Program, "Exporting HTTP/REST API at:", "serve", $"--port={grpcPort}", $"--rest_api_port={restPort}",
            $"--model_config_file={config}", "--max_num_load_retries=0", "--rest_api_timeout_in_ms=60000");
        return new RecordedModelReplay(server, grpcPort, restPort);
    }

    /// <summary>Adds the model and asks it; each thing compared is noted with its difference, or null.</summary>
    /// <returns>What the load says is not supported; null: it was asked.</returns>
    public async Task<string?> PlayAsync(RecordedModel model, Action<string, string?> note)
    {
        ServingStatus load = await LoadAsync(model);
        if (MissingOps(load, model) is { } missing)
        {
            return missing;
        }

        note("load", StatusDifference(model.Load, load, model.Varies("load.message")));
        (int status, string body) = await GetAsync($"/v1/models/{model.Name}");
        note("status", model.Varies("status.body") || Same(model.Status, status, Recorded(body)) ? null : $"{status} {body}");
        if (!load.IsOk)
        {
            return null;
        }

        if (model.Metadata is { } metadata)
        {
            (status, body) = await GetAsync($"/v1/models/{model.Name}/metadata");
            note("metadata", JsonNode.DeepEquals(JsonNode.Parse(metadata.GetProperty("body").GetString()!), JsonNode.Parse(body)) ? null : $"{status} {body}");
        }

        // All over gRPC, then all over REST: some models count.
        for (int i = 0; i < model.Requests.Count; i++)
        {
            note($"{i} grpc", await PredictAsync(model, model.Requests[i]));
        }

        for (int i = 0; i < model.Requests.Count; i++)
        {
            foreach (string form in (string[])["rest_columnar", "rest_row"])
            {
                if (model.Requests[i].TryGetProperty(form, out JsonElement exchange))
                {
                    note($"{i} {form}", await PostAsync(model, form, exchange));
                }
            }
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        _grpc.Dispose();
        _rest.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>Texts name the place of the recording's models and machine.</summary>
    private static string Recorded(string text) => text
        .Replace(Path.Combine(RecordedModel.Root, "models"), "/models", StringComparison.Ordinal)
        .Replace($"running on {Environment.MachineName}.", "running on <host>.", StringComparison.Ordinal);

    /// <summary>What a load that the original does lacks here; null: no op is missing.</summary>
    private static string? MissingOps(ServingStatus load, RecordedModel model)
    {
        foreach (string beginning in (string[])["SharpServing does not support: ", "Op type not registered "])
        {
            int at = load.Message.IndexOf(beginning, StringComparison.Ordinal);
            if (at >= 0 && !model.Load.ToString().Contains(beginning, StringComparison.Ordinal))
            {
                return load.Message[(at + beginning.Length)..].Split('}')[0].Split(" in binary")[0];
            }
        }

        return null;
    }

    private static bool Same(JsonElement want, int status, string body) =>
        want.GetProperty("status").GetInt32() == status && want.GetProperty("body").GetString() == body;

    private static string? StatusDifference(JsonElement want, ServingStatus got, bool messageVaries)
    {
        string message = want.TryGetProperty("message", out JsonElement text) ? text.GetString()! : "";
        return got.Code.ToName() == want.GetProperty("code").GetString() && (messageVaries || Recorded(got.Message) == message)
            ? null
            : $"{got.Code.ToName()}: {Recorded(got.Message)}\n    recorded {want.GetProperty("code")}: {message}";
    }

    private async Task<ServingStatus> LoadAsync(RecordedModel model)
    {
        var config = new ModelConfig { Name = model.Name, BasePath = model.Folder, ModelPlatform = "tensorflow" };
        var reload = new ReloadConfigRequest
        {
            Config = new ModelServerConfig { ModelConfigList = new ModelConfigList { Config = { config } } },
        };
        GrpcAnswer answer = await _grpc.CallAsync("/tensorflow.serving.ModelService/HandleReloadConfigRequest", reload);
        return answer.Status.IsOk
            ? (StatusCode)ReloadConfigResponse.Parser.ParseFrom(answer.Message).Status.ErrorCode is var code && code == StatusCode.Ok
                ? ServingStatus.Ok
                : new ServingStatus(code, ReloadConfigResponse.Parser.ParseFrom(answer.Message).Status.ErrorMessage)
            : answer.Status;
    }

    private async Task<string?> PredictAsync(RecordedModel model, JsonElement request)
    {
        var call = new PredictRequest
        {
            ModelSpec = new ModelSpec { Name = model.Name, SignatureName = request.GetProperty("signature").GetString()! },
        };
        foreach (JsonProperty input in model.InputsOf(request).EnumerateObject())
        {
            call.Inputs[input.Name] = TensorMessages.Write(GoldenTensorReader.Read(input.Value).Values!);
        }

        GrpcAnswer answer = await _grpc.CallAsync("/tensorflow.serving.PredictionService/Predict", call);
        if (StatusDifference(request.GetProperty("grpc_status"), answer.Status, model.Varies("requests[].grpc_status.message")) is { } difference)
        {
            return difference;
        }

        // Of some answers only the status is recorded: they are those of golden.json, which GoldenServingTests compare.
        if (!answer.Status.IsOk || !request.TryGetProperty("grpc_response", out JsonElement response))
        {
            return null;
        }

        PredictResponse want = JsonParser.Default.Parse<PredictResponse>(response.GetRawText());
        PredictResponse got = PredictResponse.Parser.ParseFrom(answer.Message);
        return Closeness.Messages(want, got) ? null : $"{got}\n    recorded {want}";
    }

    private async Task<string?> PostAsync(RecordedModel model, string form, JsonElement exchange)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(exchange.GetProperty("body").GetString()!));
        using HttpResponseMessage response = await _rest.PostAsync(new Uri($"/v1/models/{model.Name}:predict", UriKind.Relative), content);
        string body = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());
        JsonElement recorded = exchange.GetProperty("response");
        string want = recorded.ValueKind == JsonValueKind.String
            ? recorded.GetString()!
            : Encoding.UTF8.GetString(recorded.GetProperty("b64").GetBytesFromBase64());
        int status = exchange.GetProperty("status").GetInt32();
        string path = $"requests[].{form}.response";
        bool same = status == (int)response.StatusCode
            && (status == (int)HttpStatusCode.OK
                ? Closeness.Text(want, body) || Closeness.Json(LooseNode(want), LooseNode(body))
                : Recorded(body) == want || model.Varies(path));
        return same ? null : $"{(int)response.StatusCode} {Recorded(body)}\n    recorded {status} {want}";
    }

    /// <summary>The writer has NaN and Infinity as bare words.</summary>
    private static JsonNode? LooseNode(string json) =>
        JsonNode.Parse(json.Replace("-Infinity", "\"-inf\"", StringComparison.Ordinal).Replace("Infinity", "\"inf\"", StringComparison.Ordinal)
            .Replace("NaN", "\"nan\"", StringComparison.Ordinal));

    private async Task<(int Status, string Body)> GetAsync(string target)
    {
        using HttpResponseMessage response = await _rest.GetAsync(new Uri(target, UriKind.Relative));
        return ((int)response.StatusCode, Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync()));
    }
}
