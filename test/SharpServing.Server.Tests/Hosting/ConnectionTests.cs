using System.Globalization;
using System.Net.Sockets;
using System.Text;
using SharpServing.Server.Hosting;
using SharpServing.Server.Tests.Support;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Hosting;

/// <summary>Of connections that share threads.</summary>
public abstract class ConnectionTests(Transport transport) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(options => options with { Transport = transport });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task SlowModel_OnAllThreadsOfConnections_DelaysNoOtherRestCall()
    {
        await CheckAsync(
            _server,
            () => SendAsync("gated", "{\"inputs\": 1}"),
            async () => (await SendAsync("half_plus_two", "{\"inputs\": 2.0}")).Text.ShouldBe("{\n    \"outputs\": 3.0\n}"));
    }

    [Fact]
    public async Task SlowModel_OnAllThreadsOfConnections_DelaysNoOtherGrpcCall()
    {
        var clients = new List<GrpcTestClient>();
        async Task<GrpcAnswer> CallAsync(string model)
        {
            // A connection of its own.
            var client = new GrpcTestClient(_server.GrpcPort);
            clients.Add(client);
            var x = new TensorProto { Dtype = DataType.DtFloat, FloatVal = { 2 } };
            return await client.CallAsync("/tensorflow.serving.PredictionService/Predict", new PredictRequest { ModelSpec = new ModelSpec { Name = model }, Inputs = { ["x"] = x } });
        }

        await CheckAsync(_server, () => CallAsync("gated"), async () => (await CallAsync("half_plus_two")).Status.ShouldBe(ServingStatus.Ok));
        clients.ForEach(static client => client.Dispose());
    }

    // More than the sockets hold, so that the server must wait until they take more.
    [Fact]
    public async Task Answers_ClientReadsLate_AllArrive()
    {
        const int Requests = 6;
        string body = $"{{\"instances\": [[{string.Join(',', Enumerable.Range(0, 300_000).Select(static i => i + 0.25))}]]}}";
        byte[] request = Request("half_plus_two", body);
        using var client = new TcpClient { ReceiveBufferSize = 16 << 10 };
        await client.ConnectAsync("127.0.0.1", _server.RestPort);
        NetworkStream stream = client.GetStream();
        async Task SendAllAsync()
        {
            for (int i = 0; i < Requests; i++)
            {
                await stream.WriteAsync(request);
            }

            client.Client.Shutdown(SocketShutdown.Send);
        }

        Task sending = SendAllAsync();

        // The first bytes are there: the server writes, and nobody reads on until all was sent or the server stopped reading.
        byte[] first = new byte[1];
        await stream.ReadExactlyAsync(first).AsTask().WaitAsync(Limit);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        string all = await reader.ReadToEndAsync().WaitAsync(Limit);
        await sending.WaitAsync(Limit);

        // Each is the expected one: a part that is sent twice, or not at all, shows.
        string expected = string.Join(", ", Enumerable.Range(0, 300_000).Select(static i => ((i + 0.25) / 2 + 2).ToString(CultureInfo.InvariantCulture)));
        for (int start = 0, i = 0; i < Requests; i++)
        {
            start = all.IndexOf("[[", start, StringComparison.Ordinal);
            all.AsSpan(start + 2, expected.Length).SequenceEqual(expected).ShouldBeTrue($"answer {i}");
            start += expected.Length;
        }
    }

    [Fact]
    public async Task Client_GoneInTheMiddleOfARequest_HurtsNoOther()
    {
        byte[] request = Request("half_plus_two", "{\"inputs\": 2.0}");
        for (int length = 1; length < request.Length; length += 7)
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", _server.RestPort);
            await client.GetStream().WriteAsync(request.AsMemory(0, length));

            // Odd ones are reset.
            client.LingerState = new LingerOption(length % 2 == 1, 0);
        }

        (await SendAsync("half_plus_two", "{\"inputs\": 2.0}")).Status.ShouldBe(200);
    }

    private static byte[] Request(string model, string body) =>
        Encoding.ASCII.GetBytes($"POST /v1/models/{model}:predict HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    /// <summary>Two slow calls for each thread, then as many fast ones, each on a connection of its own.</summary>
    private static async Task CheckAsync<T>(TestServer server, Func<Task<T>> slow, Func<Task> fast)
    {
        int calls = 2 * Environment.ProcessorCount;
        Task<T>[] waiting = [.. Enumerable.Range(0, calls).Select(_ => slow())];
        for (int i = 0; i < calls; i++)
        {
            await fast().WaitAsync(Limit);
        }

        waiting.ShouldAllBe(static call => !call.IsCompleted);
        server.Gate.Set();
        await Task.WhenAll(waiting).WaitAsync(Limit);
    }

    private Task<RawHttpAnswer> SendAsync(string model, string body) => RawHttpClient.SendAsync(_server.RestPort, Request(model, body));
}
