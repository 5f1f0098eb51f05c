using System.Globalization;
using System.Text;
using System.Text.Json;
using SharpServing.Server.Startup;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;
using Tensorflow;
using Tensorflow.Serving;
using Xunit.Abstractions;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>Versions come, break, are replaced and removed while eight clients call without pause, over real sockets.</summary>
public sealed class SwapUnderLoadTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _root = Directory.CreateTempSubdirectory("swap-").FullName;
    private readonly RecordingLog _log = new();
    private readonly ITestOutputHelper _output;

    public SwapUnderLoadTests(ITestOutputHelper output) => _output = output;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // Model plus_version: version n answers x + n.
    [Fact]
    public async Task Versions_ComeBreakAndGo_NoRequestFails()
    {
        Bring(1);
        using var stop = new CancellationTokenSource();
        var ports = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        (int grpcPort, int restPort) = (FreePorts.Next(), FreePorts.Next());
        Task<int> server = ModelServer.RunAsync(
            [$"--port={grpcPort}", $"--rest_api_port={restPort}", "--model_name=plus", $"--model_base_path={_root}", "--max_num_load_retries=0"],
            new ModelServerEnvironment
            {
                Output = TextWriter.Null,
                Log = _log,
                OpenSavedModel = ScenarioModels.Open,
                Time = new FastTimeProvider(4),
                Started = _ => ports.SetResult(),
            },
            stop.Token);
        await ports.Task.WaitAsync(Patience, CancellationToken.None);

        using var calling = new CancellationTokenSource();
        long[] answers = new long[8];
        Task[] callers =
        [
            .. Enumerable.Range(0, 4).Select(i => CallRestAsync(restPort, answers, i, calling.Token)),
            .. Enumerable.Range(4, 4).Select(i => CallGrpcAsync(grpcPort, answers, i, calling.Token)),
        ];

        Bring(2);
        await UntilAsync(restPort, "2 AVAILABLE, 1 END", callers);
        Bring(3, truncated: true);
        await UntilAsync(restPort, "3 END OUT_OF_RANGE, 2 AVAILABLE, 1 END", callers);
        Bring(4);
        await UntilAsync(restPort, "4 AVAILABLE, 3 END OUT_OF_RANGE, 2 END, 1 END", callers);
        Directory.Delete(Path.Combine(_root, "2"), recursive: true);
        Directory.Delete(Path.Combine(_root, "1"), recursive: true);
        long polls = Interlocked.Read(ref answers[0]);
        SpinWait.SpinUntil(() => Interlocked.Read(ref answers[0]) > polls + 200, Patience).ShouldBeTrue("a caller stands still");
        States(restPort).ShouldBe("4 AVAILABLE, 3 END OUT_OF_RANGE, 2 END, 1 END");

        await calling.CancelAsync();
        await Task.WhenAll(callers).WaitAsync(Patience, CancellationToken.None);
        answers.ShouldAllBe(count => count > 0);
        _output.WriteLine($"{answers.Sum()} answers, none failed");

        await stop.CancelAsync();
        (await server.WaitAsync(Patience, CancellationToken.None)).ShouldBe(ExitCodes.Success);
    }

    private static async Task CallRestAsync(int port, long[] answers, int slot, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        long last = 0;
        while (!stop.IsCancellationRequested)
        {
            using var content = new StringContent("""{"instances":[10.0]}""", Encoding.UTF8);
            using HttpResponseMessage response = await http.PostAsync(new Uri("/v1/models/plus:predict", UriKind.Relative), content, CancellationToken.None);
            string body = await response.Content.ReadAsStringAsync(CancellationToken.None);
            ((int)response.StatusCode).ShouldBe(200, body);
            using JsonDocument answer = JsonDocument.Parse(body);
            last = Check(answer.RootElement.GetProperty("predictions")[0].GetDouble(), last);
            Interlocked.Increment(ref answers[slot]);
        }
    }

    private static async Task CallGrpcAsync(int port, long[] answers, int slot, CancellationToken stop)
    {
        using var client = new GrpcTestClient(port);
        var request = new PredictRequest { ModelSpec = new ModelSpec { Name = "plus" } };
        request.Inputs["x"] = new TensorProto { Dtype = DataType.DtFloat, TensorShape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dim { Size = 1 } } }, FloatVal = { 10 } };
        long last = 0;
        while (!stop.IsCancellationRequested)
        {
            GrpcAnswer answer = await client.CallAsync("/tensorflow.serving.PredictionService/Predict", request);
            answer.Status.ShouldBe(ServingStatus.Ok);
            PredictResponse response = PredictResponse.Parser.ParseFrom(answer.Message);
            last = Check(response.Outputs["y"].FloatVal[0], last);
            response.ModelSpec.Version.ShouldBe(last, "the answer is another version's than it says");
            Interlocked.Increment(ref answers[slot]);
        }
    }

    // One whole version, never the broken one, never an older one than before.
    private static long Check(double answer, long last)
    {
        long version = (long)(answer - 10);
        (10.0 + version).ShouldBe(answer);
        new[] { 1L, 2L, 4L }.ShouldContain(version);
        version.ShouldBeGreaterThanOrEqualTo(last);
        return version;
    }

    private static string States(int port)
    {
        using JsonDocument status = JsonDocument.Parse(ScenarioHttp.Get(port, "/v1/models/plus").Body);
        return string.Join(", ", status.RootElement.GetProperty("model_version_status").EnumerateArray().Select(version =>
        {
            string code = version.GetProperty("status").GetProperty("error_code").GetString()!;
            return $"{version.GetProperty("version").GetString()} {version.GetProperty("state").GetString()}" + (code == "OK" ? "" : $" {code}");
        }));
    }

    private static async Task UntilAsync(int port, string states, Task[] callers)
    {
        string last = "";
        bool reached = await Task.Run(() => SpinWait.SpinUntil(
            () => (last = States(port)) == states || callers.Any(caller => caller.IsFaulted), Patience));
        foreach (Task caller in callers)
        {
            if (caller.IsFaulted)
            {
                await caller;
            }
        }

        reached.ShouldBeTrue($"never came to {states}: {last}");
    }

    private void Bring(int version, bool truncated = false)
    {
        string name = version.ToString(CultureInfo.InvariantCulture);
        string staged = Path.Combine(_root, "staged");
        ScenarioPlace.Copy(SharedData.PathOf("golden", "tfs_transcripts", "models", "plus_version", name), staged);
        if (truncated)
        {
            string graph = Path.Combine(staged, "saved_model.pb");
            byte[] bytes = File.ReadAllBytes(graph);
            File.WriteAllBytes(graph, bytes[..(bytes.Length / 2)]);
        }

        Directory.Move(staged, Path.Combine(_root, name));
    }
}
