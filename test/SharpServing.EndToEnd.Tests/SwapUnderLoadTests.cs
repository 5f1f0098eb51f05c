using System.Globalization;
using System.Text;
using System.Text.Json;
using SharpServing.Server.Tests.Scenarios;
using SharpServing.Server.Tests.Support;
using SharpServing.Tensors;
using Tensorflow.Serving;
using Xunit.Abstractions;

namespace SharpServing.EndToEnd.Tests;

/// <summary>Versions with weights of their own come, break, are replaced and removed while eight clients call without pause.</summary>
public sealed class SwapUnderLoadTests : IDisposable
{
    private const int Values = 257;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _root = Directory.CreateTempSubdirectory("swap-").FullName;
    private readonly float[] _xs = [.. Enumerable.Range(0, Values).Select(i => (float)i)];
    private readonly ITestOutputHelper _output;

    public SwapUnderLoadTests(ITestOutputHelper output) => _output = output;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Versions_ComeBreakAndGo_EachAnswerIsOneVersions()
    {
        HalfPlusTwoCopies.Bring(_root, 1, isCut: false);
        var log = new RecordingLog(LogSeverity.Warning);
        (bool isUp, ServedModels server) = await ServedModels.StartAsync(
            [("line", _root)], log, new FastTimeProvider(4), "--file_system_poll_wait_seconds=1");
        await using ServedModels running = server;
        isUp.ShouldBeTrue(string.Join('\n', log.Lines));

        using var calling = new CancellationTokenSource();
        long[] answers = new long[8];
        Task[] callers =
        [
            .. Enumerable.Range(0, 4).Select(slot => CallRestAsync(server.RestAddress, answers, slot, calling.Token)),
            .. Enumerable.Range(4, 4).Select(slot => CallGrpcAsync(server.GrpcPort, answers, slot, calling.Token)),
        ];

        await UntilAsync(server, "1 AVAILABLE", callers, answers);
        HalfPlusTwoCopies.Bring(_root, 2, isCut: false);
        await UntilAsync(server, "2 AVAILABLE, 1 AVAILABLE", callers, answers);
        HalfPlusTwoCopies.Bring(_root, 3, isCut: true);
        string states = await UntilAsync(server, "3 END OUT_OF_RANGE, 2 AVAILABLE, 1 AVAILABLE", callers, answers);
        _output.WriteLine(states);
        HalfPlusTwoCopies.Bring(_root, 4, isCut: false);
        Directory.Delete(Path.Combine(_root, "2"), recursive: true);
        await UntilAsync(server, "4 AVAILABLE, 3 END OUT_OF_RANGE, 2 END, 1 AVAILABLE", callers, answers);
        Directory.Delete(Path.Combine(_root, "1"), recursive: true);
        await UntilAsync(server, "4 AVAILABLE, 3 END OUT_OF_RANGE, 2 END, 1 END", callers, answers);

        await calling.CancelAsync();
        await Task.WhenAll(callers).WaitAsync(Patience, CancellationToken.None);
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answers.Sum()} answers, none failed"));
    }

    private async Task CallRestAsync(Uri address, long[] answers, int slot, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = address };
        string body = $"{{\"instances\":[{string.Join(',', _xs)}]}}";
        while (!stop.IsCancellationRequested)
        {
            using var content = new StringContent(body, Encoding.UTF8);
            using HttpResponseMessage response = await http.PostAsync(new Uri("/v1/models/line:predict", UriKind.Relative), content, CancellationToken.None);
            string text = await response.Content.ReadAsStringAsync(CancellationToken.None);
            ((int)response.StatusCode).ShouldBe(200, text);
            using JsonDocument answer = JsonDocument.Parse(text);
            VersionOf([.. answer.RootElement.GetProperty("predictions").EnumerateArray().Select(y => y.GetSingle())]).ShouldBePositive();
            Interlocked.Increment(ref answers[slot]);
        }
    }

    private async Task CallGrpcAsync(int port, long[] answers, int slot, CancellationToken stop)
    {
        using var client = new GrpcTestClient(port);
        var request = new PredictRequest { ModelSpec = new ModelSpec { Name = "line" } };
        request.Inputs["x"] = TensorMessages.Write(Tensor.FromArray<float>(_xs, new Shape([Values])));
        while (!stop.IsCancellationRequested)
        {
            GrpcAnswer answer = await client.CallAsync("/tensorflow.serving.PredictionService/Predict", request);
            answer.Status.ShouldBe(ServingStatus.Ok);
            PredictResponse response = PredictResponse.Parser.ParseFrom(answer.Message);
            response.ModelSpec.Version.ShouldBe(VersionOf([.. response.Outputs["y"].FloatVal]), "the answer is another version's than it says");
            Interlocked.Increment(ref answers[slot]);
        }
    }

    /// <summary>
    /// The one version that all values belong to, never the broken one. It may be an older one than before: while version 1 serves, version 2
    /// may go before version 4 has come.
    /// </summary>
    private long VersionOf(float[] ys)
    {
        ys.Length.ShouldBe(Values);
        long version = (long)(ys[0] / HalfPlusTwoCopies.Answer(1, 0));
        new[] { 1L, 2L, 4L }.ShouldContain(version);
        for (int i = 0; i < Values; i++)
        {
            ys[i].ShouldBe(HalfPlusTwoCopies.Answer(version, _xs[i]));
        }

        return version;
    }

    /// <summary>Waits for the states, and then until each caller has another two answers.</summary>
    private static async Task<string> UntilAsync(ServedModels server, string states, Task[] callers, long[] answers)
    {
        string text = "";
        string last = "";
        long[]? before = null;
        using var limit = new CancellationTokenSource(Patience);
        while (before is null || Enumerable.Range(0, answers.Length).Any(slot => Interlocked.Read(ref answers[slot]) < before[slot] + 2))
        {
            foreach (Task caller in callers.Where(caller => caller.IsCompleted))
            {
                await caller;
                throw new InvalidOperationException("A caller has ended.");
            }

            limit.IsCancellationRequested.ShouldBeFalse($"never came to {states}, or a caller stands still: {last}");
            text = await server.Rest.GetStringAsync(new Uri("/v1/models/line", UriKind.Relative), CancellationToken.None);
            last = StatesOf(text);
            if (last == states)
            {
                before ??= [.. answers];
            }
        }

        last.ShouldBe(states);
        return text;
    }

    private static string StatesOf(string text)
    {
        using JsonDocument status = JsonDocument.Parse(text);
        return string.Join(", ", status.RootElement.GetProperty("model_version_status").EnumerateArray().Select(version =>
        {
            string code = version.GetProperty("status").GetProperty("error_code").GetString()!;
            return $"{version.GetProperty("version").GetString()} {version.GetProperty("state").GetString()}" + (code == "OK" ? "" : $" {code}");
        }));
    }
}
