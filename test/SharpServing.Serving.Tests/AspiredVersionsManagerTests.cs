using SharpServing.TestSupport;

namespace SharpServing.Serving.Tests;

public class AspiredVersionsManagerTests
{
    private readonly FakeLoaders _loaders = new();
    private readonly ServableStateMonitor _monitor = new();
    private readonly RecordingLog _log = new();

    [Fact]
    public void Aspire_OneVersion_LogsAsTheOriginal()
    {
        using AspiredVersionsManager manager = Make(new AspiredVersionsManagerOptions { Log = _log });
        Aspire(manager, 1);

        Answer(manager).ShouldBe(1);
        States().ShouldBe("1 Available");
        _log.Lines.ShouldBe(
        [
            "I basic_manager.cc] Successfully reserved resources to load servable {name: m version: 1}",
            "I loader_harness.cc] Approving load for servable version {name: m version: 1}",
            "I loader_harness.cc] Loading servable version {name: m version: 1}",
            "I loader_harness.cc] Successfully loaded servable version {name: m version: 1}",
        ]);
    }

    [Fact]
    public void Aspire_NewVersion_SwapsWithoutGap()
    {
        using AspiredVersionsManager manager = Make(new AspiredVersionsManagerOptions { Log = _log });
        Aspire(manager, 1);
        long during = 0;
        _loaders.Outcomes[new ServableId("m", 2)] = _ =>
        {
            during = Answer(manager);
            return ServingStatus.Ok;
        };
        Aspire(manager, 2);

        during.ShouldBe(1);
        Answer(manager).ShouldBe(2);
        States().ShouldBe("2 Available, 1 End");
        _log.Lines.Skip(4).ShouldBe(
        [
            "I basic_manager.cc] Successfully reserved resources to load servable {name: m version: 2}",
            "I loader_harness.cc] Approving load for servable version {name: m version: 2}",
            "I loader_harness.cc] Loading servable version {name: m version: 2}",
            "I loader_harness.cc] Successfully loaded servable version {name: m version: 2}",
            "I loader_harness.cc] Quiescing servable version {name: m version: 1}",
            "I loader_harness.cc] Done quiescing servable version {name: m version: 1}",
            "I loader_harness.cc] Unloading just-loaded servable version {name: m version: 1}",
            "I simple_loader.h] Calling MallocExtension_ReleaseToSystem() after servable unload with 1",
            "I loader_harness.cc] Done unloading servable version {name: m version: 1}",
        ]);
        _loaders.Alive.Count.ShouldBe(1);
    }

    [Fact]
    public void Aspire_BrokenVersion_OldOneServesAndTheErrorIsShown()
    {
        using AspiredVersionsManager manager = Make(
            new AspiredVersionsManagerOptions { Log = _log, MaxNumLoadRetries = 2, LoadRetryIntervalMicros = -1 });
        Aspire(manager, 1);
        _loaders.Outcomes[new ServableId("m", 2)] = _ => ServingStatus.NotFound("no model");
        Aspire(manager, 2);
        Aspire(manager, 2);

        Answer(manager).ShouldBe(1);
        States().ShouldBe("2 End NOT_FOUND: no model, 1 Available");
        _loaders.Attempts[new ServableId("m", 2)].ShouldBe(3);
        _log.Lines.Skip(7).ShouldBe(
        [
            "E retrier.cc] Loading servable: {name: m version: 2} failed: NOT_FOUND: no model",
            "I retrier.cc] Retrying of Loading servable: {name: m version: 2} retry: 1",
            "E retrier.cc] Loading servable: {name: m version: 2} failed: NOT_FOUND: no model",
            "I retrier.cc] Retrying of Loading servable: {name: m version: 2} retry: 2",
            "E retrier.cc] Loading servable: {name: m version: 2} failed: NOT_FOUND: no model",
            "I retrier.cc] Retrying of Loading servable: {name: m version: 2} exhausted max_num_retries: 2",
            "I loader_harness.cc] Encountered an error for servable version {name: m version: 2}: NOT_FOUND: no model",
            "E aspired_versions_manager.cc] Servable {name: m version: 2} cannot be loaded: NOT_FOUND: no model",
        ]);

        // A later good version replaces both.
        Aspire(manager, 3);
        States().ShouldBe("3 Available, 2 End NOT_FOUND: no model, 1 End");
    }

    [Fact]
    public void Aspire_FailedVersionRepairedInPlace_IsNotTriedAgain()
    {
        using AspiredVersionsManager manager = Make(new AspiredVersionsManagerOptions { MaxNumLoadRetries = 0 });
        Aspire(manager, 1);
        _loaders.Outcomes[new ServableId("m", 2)] = attempt => attempt == 1 ? ServingStatus.NotFound("no model") : ServingStatus.Ok;
        Aspire(manager, 2);
        Aspire(manager, 1);        // waits: version 1 is there and not aspired
        Aspire(manager, 2);
        States().ShouldBe("2 End NOT_FOUND: no model, 1 Available");

        Aspire(manager);           // an empty list lets everything go
        Aspire(manager, 2);
        States().ShouldBe("2 Available, 1 End");
    }

    [Fact]
    public void Load_ThrowingLoader_EndsWithInternal()
    {
        using AspiredVersionsManager manager = Make(new AspiredVersionsManagerOptions { MaxNumLoadRetries = 0 });
        _loaders.Outcomes[new ServableId("m", 1)] = _ => throw new InvalidOperationException("broken");
        Aspire(manager, 1);
        States().ShouldBe("1 End INTERNAL: InvalidOperationException: broken");
    }

    [Fact]
    public void Load_BeyondTheMemoryLimit_IsRefused()
    {
        using AspiredVersionsManager manager = Make(new AspiredVersionsManagerOptions { TotalMemoryLimitBytes = 15, Log = _log });
        _loaders.Bytes = 10;
        Aspire(manager, 1);
        Aspire(manager, 2);
        States().ShouldBe("2 End RESOURCE_EXHAUSTED: Insufficient resources to load servable {name: m version: 2}, 1 Available");
        Aspire(manager);
        Aspire(manager, 2);
        States().ShouldBe("2 Available, 1 End");
    }

    [Fact]
    public async Task Unload_HandleHeld_WaitsForIt()
    {
        using AspiredVersionsManager manager = Make(new AspiredVersionsManagerOptions { Log = _log });
        manager.Start();
        Task<IReadOnlyList<ServableState>> first = _monitor.WaitUntilAvailableAsync(["m"], CancellationToken.None);
        manager.SetAspiredVersions("m", [new AspiredVersion(1, "/m/1")]);
        await first.WaitAsync(TimeSpan.FromSeconds(30));
        manager.TryAcquire("m", null, out ServableHandle handle).ShouldBeTrue();

        // The new version serves, is called LOADING until the request on the old table is done, and version 1 stays.
        var loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loaders.Outcomes[new ServableId("m", 2)] = _ =>
        {
            loaded.SetResult();
            return ServingStatus.Ok;
        };
        manager.SetAspiredVersions("m", [new AspiredVersion(2, "/m/2")]);
        await loaded.Task.WaitAsync(TimeSpan.FromSeconds(30));
        try
        {
            SpinWait.SpinUntil(() => Answer(manager) == 2, TimeSpan.FromSeconds(30)).ShouldBeTrue("version 2 never served");
            States().ShouldBe("2 Loading, 1 Available");
            ((FakeServable)handle.Servable).Answer().ShouldBe(1);
        }
        finally
        {
            handle.Dispose();       // else the manager's own end waits for it
        }

        SpinWait.SpinUntil(() => States() == "2 Available, 1 End", TimeSpan.FromSeconds(30)).ShouldBeTrue(States());
    }

    [Fact]
    public async Task Retry_Pause_FollowsTheClock()
    {
        var time = new ManualTimeProvider();
        using AspiredVersionsManager manager = Make(
            new AspiredVersionsManagerOptions { Time = time, MaxNumLoadRetries = 1, LoadRetryIntervalMicros = 60_000_000 });
        _loaders.Outcomes[new ServableId("m", 1)] = attempt => attempt == 1 ? ServingStatus.NotFound("not yet") : ServingStatus.Ok;
        manager.Start();
        Task<IReadOnlyList<ServableState>> done = _monitor.WaitUntilAvailableAsync(["m"], CancellationToken.None);
        manager.SetAspiredVersions("m", [new AspiredVersion(1, "/m/1")]);

        time.UntilArmed("the pause before the second attempt");
        States().ShouldBe("1 Loading");
        time.Advance(TimeSpan.FromSeconds(59));
        _loaders.Attempts[new ServableId("m", 1)].ShouldBe(1);
        time.Advance(TimeSpan.FromSeconds(1));
        (await done.WaitAsync(TimeSpan.FromSeconds(30)))[0].State.ShouldBe(ManagerState.Available);
    }

    [Fact]
    public async Task Unaspire_WhileRetrying_EndsTheRetries()
    {
        var time = new ManualTimeProvider();
        using AspiredVersionsManager manager = Make(new AspiredVersionsManagerOptions { Time = time, NumLoadThreads = 1, Log = _log });
        _loaders.Outcomes[new ServableId("m", 1)] = _ => ServingStatus.NotFound("no");
        manager.Start();
        Task<IReadOnlyList<ServableState>> done = _monitor.WaitUntilAvailableAsync(["m"], CancellationToken.None);
        manager.SetAspiredVersions("m", [new AspiredVersion(1, "/m/1")]);
        time.UntilArmed("the pause before the second attempt");
        manager.SetAspiredVersions("m", []);

        ServableState end = (await done.WaitAsync(TimeSpan.FromSeconds(30)))[0];
        end.Status.ShouldBe(ServingStatus.NotFound("no"));
        _loaders.Attempts[new ServableId("m", 1)].ShouldBe(1);
        _log.Lines.ShouldContain("I retrier.cc] Retrying of Loading servable: {name: m version: 1} was cancelled.");
    }

    [Fact]
    public void Dispose_LoadedVersions_UnloadsAll()
    {
        AspiredVersionsManager manager = Make(new AspiredVersionsManagerOptions { Log = _log });
        manager.SetAspiredVersions("m", [new AspiredVersion(1, "/m/1"), new AspiredVersion(2, "/m/2")]);
        manager.RunUntilIdle();
        _loaders.Alive.Count.ShouldBe(2);
        manager.Dispose();
        _loaders.Alive.ShouldBeEmpty();
        _log.Lines.ShouldContain("I basic_manager.cc] Unload all remaining servables in the manager.");
        manager.TryAcquire("m", null, out _).ShouldBeFalse();
    }

    [Fact]
    public void Handle_DisposedTwice_IsRefused()
    {
        using AspiredVersionsManager manager = Make(new AspiredVersionsManagerOptions());
        Aspire(manager, 1);
        manager.TryAcquire("m", 1, out ServableHandle handle).ShouldBeTrue();
        handle.Dispose();
        Aspire(manager, 2);         // the table that the handle came from is gone
        Should.Throw<InvalidOperationException>(handle.Dispose);
    }

    private AspiredVersionsManager Make(AspiredVersionsManagerOptions options) => new(options, _loaders, _monitor);

    private static void Aspire(AspiredVersionsManager manager, params long[] versions)
    {
        manager.SetAspiredVersions("m", [.. versions.Select(version => new AspiredVersion(version, $"/m/{version}"))]);
        manager.RunUntilIdle();
    }

    private static long Answer(AspiredVersionsManager manager)
    {
        manager.TryAcquire("m", null, out ServableHandle handle).ShouldBeTrue();
        using (handle)
        {
            return ((FakeServable)handle.Servable).Answer();
        }
    }

    private string States() => string.Join(", ", _monitor.GetStates("m").Select(state =>
        $"{state.Id.Version} {state.State}" + (state.Status.IsOk ? "" : $" {state.Status}")));
}
