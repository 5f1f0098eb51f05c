using SharpServing.Conformance.Tests.Grpc;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Scenarios;
using SharpServing.Server.Tests.Support;
using SharpServing.TestSupport;
using Tensorflow.Serving;

namespace SharpServing.Conformance.Tests.Versions;

/// <summary>Section V, but for the snapshots of the policy.</summary>
internal static class VersionCases
{
    private const string All = "model_version_policy { all {} }";
    private static readonly string[] Several = ["non_numerical_child", "42", "33", "30", "21", "17"];

    public static IReadOnlyDictionary<string, Func<Task>> Tests { get; } = new Dictionary<string, Func<Task>>
    {
        ["V001"] = () => ServesAsync(["non_numerical_child", "42", "17"], "", 42),
        ["V003"] = () => ServesAsync(Several, "model_version_policy { latest { num_versions: 3 } }", 42, 33, 30),
        ["V004"] = () => ServesAsync(Several, "model_version_policy { specific { versions: 17 versions: 30 } }", 30, 17),
        ["V005"] = () => ServesAsync(
            ["non_numerical_child", "42", "33", "30", "21", "00017"], "model_version_policy { specific { versions: 17 versions: 30 } }", 30, 17),
        ["V006"] = SpecificNoneAsync,
        ["V008"] = () => ServesAsync(["20170111173521"], "", 20170111173521),
        ["V010"] = DuplicatesAsync,
        ["V011"] = OneModelEmptyAsync,
        ["V012"] = DroppedModelAsync,
        ["V014"] = PolledOnceAsync,
        ["V017"] = NoGapAsync,
        ["V018"] = BrokenVersionAsync,
        ["V020"] = RetriesAsync,
        ["V023"] = BackAgainAsync,
        ["V024"] = FailedIsNotRetriedAsync,
        ["V030"] = ConfigFileAsync,
        ["V032"] = BrokenConfigFileAsync,
        ["V033"] = RelativeConfigFileAsync,
        ["V034"] = LoadedLineAsync,
        ["V036"] = PolicyChangeAsync,
    };

    /// <summary>Calls with the model <c>m</c> in a folder with some versions.</summary>
    private static async Task WithModelAsync(string[] versions, string more, Func<ConformanceServer, VersionFolder, Task> test, params string[] flags)
    {
        using var folder = new VersionFolder(versions);
        await using ConformanceServer server = await ConformanceServer.StartAsync([new ServedModel("m", folder.Root, more)], flags);
        await test(server, folder);
    }

    private static Task ServesAsync(string[] versions, string policy, params long[] served) => WithModelAsync(versions, policy, async (server, _) =>
    {
        await UntilAsync(server, "m", [.. served.Select(version => $"{version} Available")]);
        server.HasLogged("non_numerical_child").ShouldBeFalse();
    });

    private static async Task<string[]> StatesAsync(ConformanceServer server, string model)
    {
        GrpcAnswer answer = await server.Grpc.CallAsync(GrpcCalls.GetModelStatus, new GetModelStatusRequest { ModelSpec = GrpcCalls.Spec(model) });
        return answer.Status.IsOk
            ? [.. GetModelStatusResponse.Parser.ParseFrom(answer.Message).ModelVersionStatus.Select(one => $"{one.Version} {one.State}")]
            : [];
    }

    private static async Task UntilAsync(ConformanceServer server, string model, params string[] states)
    {
        string[] last = [];
        await ConformanceServer.UntilAsync(
            async () => (last = await StatesAsync(server, model)).SequenceEqual(states), $"{string.Join(", ", states)} of {model}");
    }

    private static Task WriteConfigAsync(ConformanceServer server, params ServedModel[] models) =>
        File.WriteAllTextAsync(server.ConfigFile, ConformanceServer.ConfigOf(models));

    private static ModelConfig Model(VersionFolder folder, string name = "m") => Reloads.Model(new ServedModel(name, folder.Root));

    private static int Failures(ConformanceServer server, long version) =>
        server.Log.Count(line => line.Contains($"Loading servable: {{name: m version: {version}}} failed", StringComparison.Ordinal));

    private static Task SpecificNoneAsync() => WithModelAsync(["1", "2"], All, async (server, folder) =>
    {
        await UntilAsync(server, "m", "2 Available", "1 Available");
        await WriteConfigAsync(server, new ServedModel("m", folder.Root, "model_version_policy { specific {} }"));
        await UntilAsync(server, "m", "2 End", "1 End");
        server.HasLogged("No specific versions requested for servable m").ShouldBeTrue();
    }, "--model_config_file_poll_wait_seconds=1");

    private static Task DuplicatesAsync() => WithModelAsync(["0001", "001", "00001", "non_numerical_child"], "", async (server, folder) =>
    {
        await UntilAsync(server, "m", "1 Available");
        server.HasLogged($"Duplicate version directories detected. Version 1 will be loaded from 001").ShouldBeTrue(string.Join('\n', server.Log));
        server.HasLogged($"Reading SavedModel from: {folder.Root}/001").ShouldBeTrue();
    });

    // A reload waits for the model that stays empty, so the call ends by its deadline.
    private static async Task OneModelEmptyAsync()
    {
        using var empty = new VersionFolder();
        using var other = new VersionFolder("7");
        await WithModelAsync(["1"], "", async (server, folder) =>
        {
            ReloadConfigRequest request = Reloads.Request(Model(folder), Model(empty, "empty"), Model(other, "other"));
            GrpcAnswer answer = await server.Grpc.CallRawAsync(
                Reloads.Method, GrpcTestClient.Frame(Google.Protobuf.MessageExtensions.ToByteArray(request)), ("grpc-timeout", "1S"));
            answer.Status.Code.ShouldBe(StatusCode.DeadlineExceeded);
            await UntilAsync(server, "other", "7 Available");
            (await StatesAsync(server, "m")).ShouldBe(["1 Available"]);
            (await StatesAsync(server, "empty")).ShouldBeEmpty();
        });
    }

    private static async Task DroppedModelAsync()
    {
        using var dropped = new VersionFolder("1");
        using var kept = new VersionFolder("7");
        await using ConformanceServer server = await ConformanceServer.StartAsync(
            [new ServedModel("m", dropped.Root), new ServedModel("kept", kept.Root)], "--file_system_poll_wait_seconds=0");
        await Reloads.AcceptedAsync(server, Model(kept, "kept"));
        await UntilAsync(server, "m", "1 End");
        (await StatesAsync(server, "kept")).ShouldBe(["7 Available"]);
    }

    private static Task PolledOnceAsync() => WithModelAsync(["1"], All, async (server, folder) =>
    {
        folder.Add(2);
        // Four times what a poll of a second would wait.
        await Task.Delay(TimeSpan.FromSeconds(4), new FastTimeProvider(ConformanceServer.Speed));
        (await StatesAsync(server, "m")).ShouldBe(["1 Available"]);
    }, "--file_system_poll_wait_seconds=0");

    private static Task NoGapAsync() => WithModelAsync(["123"], "", async (server, folder) =>
    {
        folder.Add(124);
        await UntilAsync(server, "m", "124 Available", "123 End");
        List<string> log = [.. server.Log];
        int loaded = log.FindIndex(line => line.Contains("Successfully loaded servable version {name: m version: 124}", StringComparison.Ordinal));
        int quiesced = log.FindIndex(line => line.Contains("Quiescing servable version {name: m version: 123}", StringComparison.Ordinal));
        loaded.ShouldBeInRange(0, quiesced);
    });

    private static Task BrokenVersionAsync() => WithModelAsync(["123"], "", async (server, folder) =>
    {
        folder.AddBroken(124);
        await UntilAsync(server, "m", "124 End", "123 Available");
        GetModelStatusResponse status = await server.CallAsync<GetModelStatusResponse>(
            GrpcCalls.GetModelStatus, new GetModelStatusRequest { ModelSpec = GrpcCalls.Spec("m", version: 124) });
        status.ModelVersionStatus.Single().Status.ErrorCode.ShouldBe(Tensorflow.Error.Code.NotFound);
        await GrpcCalls.GivesAsync(server, GrpcCalls.PredictX(GrpcCalls.Spec("m"), 2), 3);
    }, "--max_num_load_retries=0");

    private static Task RetriesAsync() => WithModelAsync(["123"], "", async (server, folder) =>
    {
        folder.AddBroken(124);
        await UntilAsync(server, "m", "124 End", "123 Available");
        Failures(server, 124).ShouldBe(2);
    }, "--max_num_load_retries=1", "--load_retry_interval_micros=0");

    private static Task BackAgainAsync() => WithModelAsync(["1", "2"], All, async (server, folder) =>
    {
        await UntilAsync(server, "m", "2 Available", "1 Available");
        folder.Remove(2);
        await UntilAsync(server, "m", "2 End", "1 Available");
        folder.Add(2);
        await UntilAsync(server, "m", "2 Available", "1 Available");
    });

    private static Task FailedIsNotRetriedAsync() => WithModelAsync(["123"], All, async (server, folder) =>
    {
        folder.AddBroken(124);
        await UntilAsync(server, "m", "124 End", "123 Available");
        // Each list names 124 again.
        foreach (long version in new[] { 125L, 126L })
        {
            folder.Add(version);
            await ConformanceServer.UntilAsync(async () => (await StatesAsync(server, "m")).Contains($"{version} Available"), $"version {version}");
        }

        Failures(server, 124).ShouldBe(1);
    }, "--max_num_load_retries=0");

    private static async Task WithConfigFileAsync(Func<ConformanceServer, Task> test)
    {
        await using ConformanceServer server = await ConformanceServer.StartDefaultAsync("--model_config_file_poll_wait_seconds=1");
        await test(server);
    }

    private static Task ConfigFileAsync() => WithConfigFileAsync(async server =>
    {
        await WriteConfigAsync(server, ServedModel.Fixture("half_plus_three", "tfs_half_plus_three"));
        await UntilAsync(server, "half_plus_three", "123 Available");
        await GrpcCalls.GivesAsync(server, GrpcCalls.PredictX(GrpcCalls.Spec("half_plus_three"), 2), 4);
    });

    private static Task BrokenConfigFileAsync() => WithConfigFileAsync(async server =>
    {
        await File.WriteAllTextAsync(server.ConfigFile, "improperly formatted file");
        await server.UntilLoggedAsync($"Failed to read ModelServerConfig file: Invalid protobuf file: '{server.ConfigFile}'");
        await GrpcCalls.GivesAsync(server, GrpcCalls.PredictX(GrpcCalls.Spec("default"), 2), 3);
    });

    private static Task RelativeConfigFileAsync() => WithConfigFileAsync(async server =>
    {
        await WriteConfigAsync(server, new ServedModel("default", "relative/dir"));
        await server.UntilLoggedAsync("PollFilesystemAndReloadConfig failed to ReloadConfig: Expected model default");
        await GrpcCalls.GivesAsync(server, GrpcCalls.PredictX(GrpcCalls.Spec("default"), 2), 3);
    });

    private static async Task LoadedLineAsync()
    {
        await using ServerProcess server = await Startup.StartupCases.ServeAsync(
            "Successfully loaded servable version {name: default version: 123}",
            $"--port={ServerProcess.FreePort()}",
            $"--model_base_path={SharedData.PathOf("models", "tfs_half_plus_two_cpu")}");
        server.Text.ShouldContain("Successfully loaded servable version {name: default version: 123}");
    }

    private static Task PolicyChangeAsync() => WithModelAsync(["1", "2", "3"], All, async (server, folder) =>
    {
        await UntilAsync(server, "m", "3 Available", "2 Available", "1 Available");
        await Reloads.AcceptedAsync(server, Model(folder));
        await UntilAsync(server, "m", "3 Available", "2 End", "1 End");
    });
}
