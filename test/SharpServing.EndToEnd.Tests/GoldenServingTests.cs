using System.Text;
using System.Text.RegularExpressions;
using SharpServing.Server.Tests.Support;
using SharpServing.Tensors;
using Tensorflow.Serving;

namespace SharpServing.EndToEnd.Tests;

/// <summary>TensorFlow's recorded answers, asked for through gRPC and both forms of REST.</summary>
public sealed class GoldenServingTests : IClassFixture<ServedModelsFixture>
{
    private readonly ServedModelsFixture _served;

    public GoldenServingTests(ServedModelsFixture served) => _served = served;

    public static TheoryData<string> Units => [.. ServedUnits.All.Keys];

    public static TheoryData<string> UnitsOnGpu => [.. ServedUnits.OnGpu.Keys];

    [Theory]
    [MemberData(nameof(Units))]
    public Task Grpc_AnswersAsRecorded(string unit) => CheckGrpcAsync(_served.Server, ServedUnits.All[unit]);

    [Theory]
    [MemberData(nameof(Units))]
    public Task RestInColumns_AnswersAsRecorded(string unit) => CheckRestAsync(_served.Server, ServedUnits.All[unit], inRows: false);

    [Theory]
    [MemberData(nameof(Units))]
    public Task RestInRows_AnswersAsRecorded(string unit) => CheckRestAsync(_served.Server, ServedUnits.All[unit], inRows: true);

    // The original refuses them on a machine without a GPU; where they load, they answer as it does when it may place nodes elsewhere.
    [Theory]
    [MemberData(nameof(UnitsOnGpu))]
    public async Task NodesOnGpu_RefusedOrAnsweredAsRecorded(string name)
    {
        ServedUnit unit = ServedUnits.OnGpu[name];
        var log = new RecordingLog(LogSeverity.Warning);
        (bool isUp, ServedModels server) = await ServedModels.StartAsync([unit], log);
        await using ServedModels running = server;
        if (isUp)
        {
            await CheckGrpcAsync(server, unit);
            await CheckRestAsync(server, unit, inRows: false);
        }
        else
        {
            string.Join('\n', log.Lines).ShouldContain("was explicitly assigned to /device:GPU:0 but available devices are");
        }
    }

    private static async Task CheckGrpcAsync(ServedModels server, ServedUnit unit)
    {
        IReadOnlyList<GoldenRequest> requests = GoldenRequest.ReadAll(unit);
        requests.ShouldNotBeEmpty();
        var check = new AnswerCheck(unit);
        foreach (GoldenRequest golden in requests)
        {
            var request = new PredictRequest
            {
                ModelSpec = new ModelSpec { Name = unit.Model, Version = unit.Version, SignatureName = golden.SignatureKey },
            };
            foreach ((string alias, Tensor tensor) in golden.Inputs)
            {
                request.Inputs[alias] = TensorMessages.Write(tensor);
            }

            GrpcAnswer answer = await server.Grpc.CallAsync("/tensorflow.serving.PredictionService/Predict", request);
            var outputs = new Dictionary<string, Tensor>();
            if (answer.Status.IsOk)
            {
                PredictResponse response = PredictResponse.Parser.ParseFrom(answer.Message);
                response.ModelSpec.Version.ShouldBe(unit.Version);
                outputs = response.Outputs.ToDictionary(output => output.Key, output => TensorMessages.Read(output.Value));
            }

            check.Answer(golden, answer.Status, outputs);
        }

        check.ShouldBeRight(requests.Count);
    }

    private static async Task CheckRestAsync(ServedModels server, ServedUnit unit, bool inRows)
    {
        var check = new AnswerCheck(unit);
        List<GoldenRequest> requests = [.. GoldenRequest.ReadAll(unit).Where(request => RestExchange.Fits(request, inRows))];
        foreach (GoldenRequest golden in requests)
        {
            using var content = new StringContent(RestExchange.Body(golden, inRows), Encoding.UTF8, "application/json");
            var address = new Uri($"/v1/models/{unit.Model}/versions/{unit.Version}:predict", UriKind.Relative);
            using HttpResponseMessage response = await server.Rest.PostAsync(address, content);
            byte[] body = await response.Content.ReadAsByteArrayAsync();
            if (RestExchange.RefusalOf(golden, inRows) is { } refusal)
            {
                ((int)response.StatusCode, RestExchange.ErrorOf(body)).ShouldSatisfyAllConditions(
                    answer => answer.Item1.ShouldBe(refusal.HttpStatus, golden.Id),
                    answer => Regex.IsMatch(answer.Item2, refusal.Text, RegexOptions.None, TimeSpan.FromSeconds(1))
                        .ShouldBeTrue($"{golden.Id}: {answer.Item2}"));
                check.CountRight();
                continue;
            }

            ServingStatus status = RestExchange.StatusOf(response.StatusCode, body, golden.Answer.Error?.Code);
            check.Answer(golden, status, status.IsOk ? RestExchange.Outputs(golden, body, inRows) : []);
        }

        check.ShouldBeRight(requests.Count);
    }
}
