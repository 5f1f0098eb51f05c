using System.Collections.Concurrent;
using SharpServing.Server.Tests.Support;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>Two REST and two gRPC callers without pause, and the set of all answers they got.</summary>
internal sealed class ScenarioLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, bool> _answers = new();
    private readonly Task[] _callers;

    public ScenarioLoad(int restPort, int grpcPort) =>
        _callers = [RestAsync(restPort), RestAsync(restPort), GrpcAsync(grpcPort), GrpcAsync(grpcPort)];

    /// <summary>What was answered since the last call; there was at least one answer of each protocol.</summary>
    public string[] TakeAnswers()
    {
        string[] answers = [.. _answers.Keys];
        _answers.Clear();
        return answers;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
        _stop.Dispose();
    }

    private async Task RestAsync(int port)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        while (!_stop.IsCancellationRequested)
        {
            using var body = new StringContent("{\"instances\":[1.0]}");
            try
            {
                using HttpResponseMessage response = await client.PostAsync(new Uri("/v1/models/default:predict", UriKind.Relative), body, CancellationToken.None);
                _answers[$"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(CancellationToken.None)}"] = true;
            }
            catch (HttpRequestException exception)
            {
                _answers[exception.Message] = !_stop.IsCancellationRequested;
            }
        }
    }

    private async Task GrpcAsync(int port)
    {
        using var client = new GrpcTestClient(port);
        var request = new PredictRequest { ModelSpec = new ModelSpec { Name = "default" } };
        request.Inputs["x"] = new TensorProto
        {
            Dtype = DataType.DtFloat,
            TensorShape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dim { Size = 1 } } },
            FloatVal = { 1 },
        };
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                GrpcAnswer answer = await client.CallAsync("/tensorflow.serving.PredictionService/Predict", request);
                _answers[answer.Status.IsOk
                    ? $"OK version {PredictResponse.Parser.ParseFrom(answer.Message).ModelSpec.Version}"
                    : $"{answer.Status.Code.ToName()} {answer.Status.Message}"] = true;
            }
            catch (HttpRequestException exception)
            {
                _answers[exception.Message] = !_stop.IsCancellationRequested;
            }
        }
    }
}
