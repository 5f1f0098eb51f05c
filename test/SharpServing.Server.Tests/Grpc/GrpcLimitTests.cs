using Grpc.Health.V1;
using SharpServing.Server.Tests.Support;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Grpc;

/// <summary><c>grpc_max_threads</c> and the limits among <c>grpc_channel_arguments</c>.</summary>
public sealed class GrpcLimitTests
{
    private const string Predict = "/tensorflow.serving.PredictionService/Predict";
    private const string Status = "/tensorflow.serving.ModelService/GetModelStatus";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly ServingStatus Refusal = ServingStatus.ResourceExhausted("Server Threadpool Exhausted");

    [Fact]
    public async Task Calls_OneThread_AreAllRefusedButHealth()
    {
        await using TestServer server = await TestServer.StartAsync(static options => options with { GrpcMaxThreads = 1, HealthService = true });
        (await CallAsync(server, "default")).Status.ShouldBe(Refusal);
        (await server.Grpc.CallAsync(Status, new GetModelStatusRequest { ModelSpec = new ModelSpec { Name = "default" } })).Status.ShouldBe(Refusal);
        (await server.Grpc.CallAsync("/grpc.health.v1.Health/Check", new HealthCheckRequest())).Status.ShouldBe(ServingStatus.Ok);
    }

    [Fact]
    public async Task Calls_ThreeThreads_TwoRunAndOthersAreRefusedUntilOneEnds()
    {
        await using TestServer server = await TestServer.StartAsync(static options => options with { GrpcMaxThreads = 3 });
        Task<GrpcAnswer>[] slow = [CallAsync(server, "gated"), CallAsync(server, "gated")];

        (await server.GateReached.WaitAsync(Patience)).ShouldBeTrue();
        (await server.GateReached.WaitAsync(Patience)).ShouldBeTrue();
        (await CallAsync(server, "default")).Status.ShouldBe(Refusal);
        slow.ShouldAllBe(static call => !call.IsCompleted);
        server.Gate.Set();
        foreach (GrpcAnswer answer in await Task.WhenAll(slow).WaitAsync(Patience))
        {
            answer.Status.ShouldBe(ServingStatus.Ok);
        }

        // An answer may come a moment before its call has left.
        await UntilAsync(async () => (await CallAsync(server, "default")).Status.IsOk);
    }

    [Theory]
    [InlineData(4, null, "Received message larger than max (")]
    [InlineData(null, 4, "Sent message larger than max (")]
    public async Task Message_LongerThanTheArgument_IsRefused(int? request, int? answer, string text)
    {
        await using TestServer server = await TestServer.StartAsync(
            options => options with { GrpcConnections = new() { MaxReceiveBytes = request, MaxSendBytes = answer } });
        foreach (GrpcAnswer got in new[]
        {
            await CallAsync(server, "default"),
            await server.Grpc.CallAsync(Status, new GetModelStatusRequest { ModelSpec = new ModelSpec { Name = "default" } }),
        })
        {
            got.Status.Code.ShouldBe(StatusCode.ResourceExhausted);
            got.Status.Message.ShouldStartWith(text);
            got.Status.Message.ShouldEndWith(" vs. 4)");
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!await isSo())
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private static Task<GrpcAnswer> CallAsync(TestServer server, string model)
    {
        var x = new TensorProto { Dtype = DataType.DtFloat, FloatVal = { 2 } };
        return server.Grpc.CallAsync(Predict, new PredictRequest { ModelSpec = new ModelSpec { Name = model }, Inputs = { ["x"] = x } });
    }
}
