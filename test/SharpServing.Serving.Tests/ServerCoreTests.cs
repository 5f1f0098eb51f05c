namespace SharpServing.Serving.Tests;

public sealed class ServerCoreTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _root = Directory.CreateTempSubdirectory("core-").FullName;
    private readonly FakeLoaders _loaders = new();
    private readonly RecordingLog _log = new();

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Reload_FirstList_ServesAndLogs()
    {
        Make("m/1");
        using ServerCore core = Core();
        (await Reload(core, Model("m"))).ShouldBe(ServingStatus.Ok);
        core.TryAcquire("m", null, null, out ServableHandle handle).ShouldBe(ServingStatus.Ok);
        handle.Id.ShouldBe(new ServableId("m", 1));
        handle.Dispose();
        _log.Lines.Take(2).ShouldBe(["I server_core.cc] Adding/updating models.", "I server_core.cc]  (Re-)adding model: m"]);
        _log.Lines[^1].ShouldBe("I server_core.cc] Finished adding/updating models");
    }

    [Fact]
    public async Task TryAcquire_Unknown_TextsOfTheOriginal()
    {
        Make("m/1");
        using ServerCore core = Core();
        core.TryAcquire("m", null, "stable", out _).ShouldBe(new ServingStatus(StatusCode.Unavailable, "Model labels does not init yet.stable"));
        await Reload(core, Model("m"));
        core.TryAcquire("x", null, null, out _).ShouldBe(ServingStatus.NotFound("Servable not found for request: Latest(x)"));
        core.TryAcquire("m", 7, null, out _).ShouldBe(ServingStatus.NotFound("Servable not found for request: Specific(m, 7)"));
        core.TryAcquire("m", null, "stable", out _).ShouldBe(ServingStatus.InvalidArgument("Unrecognized servable version label: stable"));
        core.GetStates("x").ShouldBeEmpty();
    }

    // load_* and one_of_two_versions_bad of the recordings: three braces, and the first version that ends decides.
    [Fact]
    public async Task Reload_BrokenFirst_TextOfTheOriginal()
    {
        Make("m/1", "m/2");
        _loaders.Outcomes[new ServableId("m", 2)] = _ => ServingStatus.NotFound("no model");
        var gate = new ManualResetEventSlim();
        _loaders.Outcomes[new ServableId("m", 1)] = _ =>
        {
            gate.Wait(Patience).ShouldBeTrue();
            return ServingStatus.Ok;
        };
        using ServerCore core = Core();
        ServingStatus status = await Reload(core, Model("m") with { VersionPolicy = new ServableVersionPolicy.Latest(2) });
        gate.Set();
        status.ShouldBe(new ServingStatus(
            StatusCode.Unknown, "1 servable(s) did not become available: {{{name: m version: 2} due to error: NOT_FOUND: no model}, }"));
    }

    [Fact]
    public async Task Reload_AddRemoveBringBack_Works()
    {
        Make("a/1", "b/2");
        using ServerCore core = Core();
        await Reload(core, Model("a"));
        (await Reload(core, Model("a"), Model("b"))).ShouldBe(ServingStatus.Ok);
        (await Reload(core, Model("b"))).ShouldBe(ServingStatus.Ok);
        SpinWait.SpinUntil(() => core.GetStates("a")[0].State == ManagerState.End, Patience).ShouldBeTrue("a was not unloaded");
        (await Reload(core, Model("a"), Model("b"))).ShouldBe(ServingStatus.Ok);
        core.TryAcquire("a", 1, null, out ServableHandle handle).ShouldBe(ServingStatus.Ok);
        handle.Dispose();
    }

    [Fact]
    public async Task Reload_NewBrokenModel_ModelsText()
    {
        Make("a/1", "b/2");
        _loaders.Outcomes[new ServableId("b", 2)] = _ => ServingStatus.NotFound("no model");
        using ServerCore core = Core();
        await Reload(core, Model("a"));
        (await Reload(core, Model("a"), Model("b"))).ShouldBe(new ServingStatus(
            StatusCode.Unknown, "1 model(s) did not become available: {{{name: b version: 2} due to error: NOT_FOUND: no model}, }"));
        core.TryAcquire("a", null, null, out ServableHandle handle).ShouldBe(ServingStatus.Ok);
        handle.Dispose();
    }

    public static TheoryData<string, string> RefusedLists => new()
    {
        { "twice", "Illegal to list model m multiple times in config list" },
        { "relative", "Expected model m to have an absolute path or URI; got base_path()=m" },
        { "neither", "Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, model name is m" },
        { "both", "Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform, model name is m" },
        { "other type", "ModelServerConfig::model_type choice 2 not supported." },
        { "other platform", "Model m requests unsupported platform other" },
    };

    [Theory]
    [MemberData(nameof(RefusedLists))]
    public async Task Reload_BadList_InvalidArgument(string kind, string text)
    {
        Make("m/1");
        using ServerCore core = Core();
        ServedModelConfig model = Model("m");
        ServedModelConfig[] models = kind switch
        {
            "twice" => [model, model],
            "relative" => [model with { BasePath = "m" }],
            "neither" => [model with { Platform = "" }],
            "both" => [model with { ModelType = 1 }],
            "other type" => [model with { Platform = "", ModelType = 2 }],
            _ => [model with { Platform = "other" }],
        };
        (await Reload(core, models)).ShouldBe(ServingStatus.InvalidArgument(text));
    }

    [Fact]
    public async Task Reload_OtherPlatformForKnownModel_IsIllegal()
    {
        Make("m/1");
        using ServerCore core = Core();
        await Reload(core, Model("m"));
        (await Reload(core, Model("m") with { Platform = "other" })).ShouldBe(ServingStatus.InvalidArgument(
            "Illegal to change a model's platform. For model m platform was tensorflow and new platform requested is other"));
    }

    [Fact]
    public async Task Labels_Rules_AsRecorded()
    {
        Make("m/1", "m/2");
        using ServerCore core = Core();
        ServedModelConfig all = Model("m") with { VersionPolicy = new ServableVersionPolicy.All() };
        ServingStatus refused = ServingStatus.FailedPrecondition(
            "Request to assign label to version 9 of model m, which is not currently available for inference");

        await Reload(core, all);
        await core.Monitor.WaitUntilAvailableAsync(["m"], CancellationToken.None).WaitAsync(Patience);
        SpinWait.SpinUntil(() => core.GetStates("m").All(state => state.State == ManagerState.Available), Patience).ShouldBeTrue();
        (await Reload(core, all with { VersionLabels = Labels(("stable", 2)) })).ShouldBe(ServingStatus.Ok);
        Version(core, "stable").ShouldBe(2);
        (await Reload(core, all with { VersionLabels = Labels(("stable", 9)) })).ShouldBe(refused);
        Version(core, "stable").ShouldBe(2);
        (await Reload(core, all with { VersionLabels = Labels(("new", 9)) })).ShouldBe(refused);
        (await Reload(core, all)).ShouldBe(ServingStatus.Ok);
        core.TryAcquire("m", null, "stable", out _).Code.ShouldBe(StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task Labels_AllowedForUnavailable_NewOrSameOnly()
    {
        Make("m/1");
        using ServerCore core = Core(allowLabels: true);
        (await Reload(core, Model("m") with { VersionLabels = Labels(("a", 9)) })).ShouldBe(ServingStatus.Ok);
        core.TryAcquire("m", null, "a", out _).ShouldBe(ServingStatus.NotFound("Servable not found for request: Specific(m, 9)"));
        (await Reload(core, Model("m") with { VersionLabels = Labels(("a", 9)) })).ShouldBe(ServingStatus.Ok);
        (await Reload(core, Model("m") with { VersionLabels = Labels(("a", 8)) })).Code.ShouldBe(StatusCode.FailedPrecondition);
    }

    [Fact]
    public async Task Reload_LoggingConfig_RefusedAfterItIsApplied()
    {
        Make("m/1");
        using ServerCore core = Core();
        (await Reload(core, Model("m") with { RequestLog = new RequestLogConfig() })).ShouldBe(ServingStatus.InvalidArgument("No request-logger-creator provided."));
        core.GetStates("m")[0].State.ShouldBe(ManagerState.Available);
    }

    // Must show 3 of the serving core, without sockets: versions come, break, are replaced, are removed under eight callers.
    [Fact]
    public async Task Swap_EightCallersWithoutPause_NoRequestFails()
    {
        const int Rounds = 60;
        Make("m/1");
        using ServerCore core = Core(pollSeconds: -1, loadThreads: 2);
        Task<ServingStatus> reload = Reload(core, Model("m"));
        core.Poll();
        (await reload).ShouldBe(ServingStatus.Ok);

        using var stop = new CancellationTokenSource();
        long[] answers = new long[8];
        Task[] callers = [.. Enumerable.Range(0, 8).Select(caller => Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    core.TryAcquire("m", null, null, out ServableHandle handle).ShouldBe(ServingStatus.Ok);
                    using (handle)
                    {
                        long begin = ((FakeServable)handle.Servable).Answer();
                        Thread.SpinWait(200);
                        ((FakeServable)handle.Servable).Answer().ShouldBe(begin);
                        handle.Id.Version.ShouldBe(begin);
                    }

                    answers[caller]++;
                }
            },
            TaskCreationOptions.LongRunning))];

        long good = 1;
        for (int round = 0; round < Rounds; round++)
        {
            long bad = good + 1, next = good + 2;
            _loaders.Outcomes[new ServableId("m", bad)] = _ => new ServingStatus(StatusCode.DataLoss, "truncated");
            Make($"m/{bad}");
            core.Poll();
            Until(core, bad, ManagerState.End);
            Make($"m/{next}");
            core.Poll();
            Until(core, next, ManagerState.Available);
            Until(core, good, ManagerState.End);
            Directory.Delete(Path.Combine(_root, $"m/{good}"));
            Directory.Delete(Path.Combine(_root, $"m/{bad}"));
            core.GetStates("m").Single(state => state.Id.Version == bad).Status.ShouldBe(new ServingStatus(StatusCode.DataLoss, "truncated"));
            good = next;
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers).WaitAsync(Patience, CancellationToken.None);
        answers.ShouldAllBe(count => count > 0);
        _loaders.Alive.Count.ShouldBe(1);
    }

    private static Dictionary<string, long> Labels(params (string Label, long Version)[] labels) =>
        labels.ToDictionary(label => label.Label, label => label.Version);

    private static long Version(ServerCore core, string label)
    {
        core.TryAcquire("m", null, label, out ServableHandle handle).ShouldBe(ServingStatus.Ok);
        using (handle)
        {
            return handle.Id.Version;
        }
    }

    private static void Until(ServerCore core, long version, ManagerState state) =>
        SpinWait.SpinUntil(() => core.GetStates("m").Any(known => known.Id.Version == version && known.State == state), Patience)
            .ShouldBeTrue($"version {version} never came to {state}");

    private static Task<ServingStatus> Reload(ServerCore core, params ServedModelConfig[] models) =>
        core.ReloadConfigAsync(models, CancellationToken.None).WaitAsync(Patience);

    private ServedModelConfig Model(string name) =>
        new() { Name = name, BasePath = Path.Combine(_root, name), Platform = "tensorflow" };

    private ServerCore Core(bool allowLabels = false, int pollSeconds = 1, int loadThreads = 0) => new(new ServerCoreOptions
    {
        Platforms = new Dictionary<string, ILoaderFactory> { ["tensorflow"] = _loaders },
        AllowVersionLabelsForUnavailableModels = allowLabels,
        FileSystemPollWaitSeconds = pollSeconds,
        Manager = new AspiredVersionsManagerOptions { Log = _log, MaxNumLoadRetries = 0, NumLoadThreads = loadThreads },
    });

    private void Make(params string[] directories)
    {
        foreach (string directory in directories)
        {
            Directory.CreateDirectory(Path.Combine(_root, directory));
        }
    }
}
