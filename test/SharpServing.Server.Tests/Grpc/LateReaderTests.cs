using System.Net;
using Google.Protobuf;
using SharpServing.Server.Tests.Support;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Grpc;

public sealed class LateReaderTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    // The answer is larger than the windows, so that a part of it waits in the server when the deadline passes.
    [Fact]
    public async Task Predict_DeadlineWhileTheAnswerIsSent_StreamIsNotReset()
    {
        using var handler = new SocketsHttpHandler { InitialHttp2StreamWindowSize = 65535 };
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"http://127.0.0.1:{_server.GrpcPort}"), Timeout = TimeSpan.FromSeconds(60) };
        var x = new TensorProto
        {
            Dtype = DataType.DtFloat,
            TensorShape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dim { Size = 500_000 } } },
            TensorContent = ByteString.CopyFrom(new byte[2_000_000]),
        };
        var predict = new PredictRequest { ModelSpec = new ModelSpec { Name = "half_plus_two" }, Inputs = { ["x"] = x } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/tensorflow.serving.PredictionService/Predict")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(GrpcTestClient.Frame(predict.ToByteArray())),
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("grpc-timeout", "200m");
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        // The time of the server's clock that the request gave it; there is no event to wait for.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, CancellationToken.None);
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        string status = response.TrailingHeaders.GetValues("grpc-status").Single();
        status.ShouldBeOneOf("0", "4");
        (answer.Length > 2_000_000).ShouldBe(status == "0");
    }
}
