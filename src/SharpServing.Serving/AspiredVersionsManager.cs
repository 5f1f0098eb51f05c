namespace SharpServing.Serving;

/// <summary>
/// Brings what is loaded to what is aspired, one step at a time: <see cref="AspiredVersionsDecision"/> decides, this class acts.
/// </summary>
/// <remarks>
/// One thread decides; it also loads and unloads unless there are threads for that. <c>_gate</c> guards harnesses, pending lists and
/// the tracker and is never held during a load, an unload, or a wait for requests. Requests only read <c>_table</c>.
/// Source of the rules: tensorflow_serving/core/aspired_versions_manager.cc, basic_manager.cc, loader_harness.cc.
/// </remarks>
public sealed class AspiredVersionsManager : IDisposable
{
    private readonly AspiredVersionsManagerOptions _options;
    private readonly ILoaderFactory _loaders;
    private readonly ServableStateMonitor _monitor;
    private readonly ServingLog _log;
    private readonly WorkThreads _loadThreads;
    private readonly WorkThreads _unloadThreads;
    private readonly TimeSpan _retryInterval;

    private readonly object _gate = new();
    private readonly SortedDictionary<string, List<LoaderHarness>> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<AspiredVersion>> _pending = [];
    private readonly ResourceTracker _resources;

    // Taken while a table is replaced, until the last request of the old one is gone.
    private readonly Lock _swap = new();
    private readonly Lock _approval = new();
    private ServingTable _table = new([]);

    private Thread? _thread;
    private bool _wake;
    private int _running;
    private bool _stopping;

    public AspiredVersionsManager(AspiredVersionsManagerOptions options, ILoaderFactory loaders, ServableStateMonitor monitor)
    {
        _options = options;
        _loaders = loaders;
        _monitor = monitor;
        _log = new ServingLog(options.Log);
        _loadThreads = new WorkThreads("load", options.NumLoadThreads);
        _unloadThreads = new WorkThreads("unload", options.NumUnloadThreads);
        _resources = new ResourceTracker(options.TotalMemoryLimitBytes);
        long ticks = Math.Clamp(options.LoadRetryIntervalMicros, 0, (long)TimeSpan.FromDays(30).TotalMicroseconds);
        _retryInterval = TimeSpan.FromMicroseconds(ticks);
    }

    /// <summary>Changes the number of load threads; for a first load with more of them than later.</summary>
    public void SetNumLoadThreads(int threads) => _loadThreads.SetLimit(threads);

    /// <summary>Starts the deciding thread. Without it, <see cref="RunUntilIdle"/> does the work.</summary>
    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "AspiredVersionsManager" };
        _thread.Start();
    }

    /// <summary>Takes the aspired versions of one stream; a list that was not looked at yet is replaced.</summary>
    public void SetAspiredVersions(string name, IReadOnlyList<AspiredVersion> versions)
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return;
            }

            _pending[name] = versions;
            Wake();
        }
    }

    /// <summary>Takes a handle on a loaded version, or on the highest one. Reads one snapshot, takes no lock.</summary>
    public bool TryAcquire(string name, long? version, out ServableHandle handle)
    {
        while (true)
        {
            ServableLease? lease = Volatile.Read(ref _table).Find(name, version);
            if (lease is null)
            {
                handle = default;
                return false;
            }

            if (lease.TryAddReference())
            {
                handle = new ServableHandle(lease);
                return true;
            }
        }
    }

    /// <summary>Takes all steps that can be taken now. For tests; else the manager's thread does it.</summary>
    internal void RunUntilIdle()
    {
        while (true)
        {
            ServableAction? action;
            LoaderHarness? harness = null;
            var cancelled = new List<CancellationTokenSource>();
            lock (_gate)
            {
                Forget();
                ApplyPending(cancelled);
                action = _stopping ? null : AspiredVersionsDecision.Next(_options.Policy, Snapshots());
                if (action is { } chosen)
                {
                    harness = Find(chosen.Id);
                    harness.Advance(harness.State, harness.State + 1);      // New → LoadRequested or Ready → UnloadRequested
                    _running++;
                }
            }

            foreach (CancellationTokenSource source in cancelled)
            {
                source.Cancel();
            }

            if (harness is null)
            {
                return;
            }

            if (action!.Value.Kind == ServableActionKind.Load)
            {
                _loadThreads.Run(() => Perform(harness, Load));
            }
            else
            {
                _unloadThreads.Run(() => Perform(harness, Unload));
            }
        }
    }

    /// <summary>
    /// Stops deciding, waits for loads and unloads under way (retries end), then unloads everything; waits for requests without limit.
    /// </summary>
    public void Dispose()
    {
        var cancelled = new List<CancellationTokenSource>();
        lock (_gate)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
            _pending.Clear();
            foreach (LoaderHarness harness in Harnesses())
            {
                harness.Unaspire();
                cancelled.Add(harness.NotAspired);
            }

            Wake();
        }

        foreach (CancellationTokenSource source in cancelled)
        {
            source.Cancel();
        }

        if (_thread is not null)
        {
            _thread.Join();
        }

        _log.UnloadAll();
        var ready = new List<LoaderHarness>();
        lock (_gate)
        {
            while (_running > 0)
            {
                Monitor.Wait(_gate);
            }

            foreach (LoaderHarness harness in Harnesses())
            {
                if (harness.State == HarnessState.Ready)
                {
                    harness.Advance(HarnessState.Ready, HarnessState.UnloadRequested);
                    ready.Add(harness);
                }
            }
        }

        foreach (LoaderHarness harness in ready)
        {
            Unload(harness);
        }
    }

    private ServingStatus Guard(Func<ServingStatus> call)
    {
        try
        {
            return call();
        }
        catch (StatusException exception)
        {
            return exception.Status;
        }
        catch (OutOfMemoryException exception)
        {
            return ServingStatus.ResourceExhausted(exception.Message);
        }
#pragma warning disable CA1031 // A loader that breaks must not end the server; the status shows what it was.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _log.Unexpected(exception.ToString());
            return ServingStatus.Internal($"{exception.GetType().Name}: {exception.Message}");
        }
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                while (!_wake && !_stopping)
                {
                    Monitor.Wait(_gate);
                }

                if (_stopping)
                {
                    return;
                }

                _wake = false;
            }

            RunUntilIdle();
        }
    }

    // Caller holds _gate.
    private void Wake()
    {
        _wake = true;
        Monitor.PulseAll(_gate);
    }

    private IEnumerable<LoaderHarness> Harnesses()
    {
        foreach (List<LoaderHarness> versions in _streams.Values)
        {
            foreach (LoaderHarness harness in versions)
            {
                yield return harness;
            }
        }
    }

    private LoaderHarness Find(ServableId id) => _streams[id.Name].Find(harness => harness.Id.Version == id.Version)!;

    private void Forget()
    {
        List<string>? empty = null;
        foreach ((string name, List<LoaderHarness> versions) in _streams)
        {
            for (int i = versions.Count - 1; i >= 0; i--)
            {
                if (AspiredVersionsDecision.IsForgettable(versions[i].Snapshot))
                {
                    if (versions[i].State == HarnessState.New)
                    {
                        Publish(versions[i], ManagerState.End);     // never tried: the others have said their end
                    }

                    versions.RemoveAt(i);
                }
            }

            if (versions.Count == 0)
            {
                (empty ??= []).Add(name);
            }
        }

        foreach (string name in empty ?? [])
        {
            _streams.Remove(name);
        }
    }

    private List<(string Name, AspiredServableSnapshot[] Versions)> Snapshots()
    {
        var snapshots = new List<(string, AspiredServableSnapshot[])>(_streams.Count);
        foreach (string name in _streams.Keys)
        {
            snapshots.Add((name, Snapshots(name)));
        }

        return snapshots;
    }

    private AspiredServableSnapshot[] Snapshots(string name) =>
        _streams.TryGetValue(name, out List<LoaderHarness>? versions) ? versions.ConvertAll(static harness => harness.Snapshot).ToArray() : [];

    private void ApplyPending(List<CancellationTokenSource> cancelled)
    {
        if (_pending.Count == 0)
        {
            return;
        }

        foreach (string name in new List<string>(_pending.Keys))
        {
            AspiredVersionsPlan plan = AspiredVersionsDecision.Apply(Snapshots(name), _pending[name]);
            if (plan.MustWait)
            {
                continue;
            }

            _pending.Remove(name);
            foreach (long version in plan.Unaspire)
            {
                LoaderHarness harness = Find(new ServableId(name, version));
                harness.Unaspire();
                cancelled.Add(harness.NotAspired);
            }

            foreach (AspiredVersion version in plan.Add)
            {
                Manage(new ServableId(name, version.Version), version.Path);
            }

            foreach (long version in plan.Duplicates)
            {
                _log.CannotTransfer(new ServableId(name, version));
            }
        }
    }

    private void Manage(ServableId id, string path)
    {
        if (!_streams.TryGetValue(id.Name, out List<LoaderHarness>? versions))
        {
            _streams.Add(id.Name, versions = []);
        }

        versions.Add(new LoaderHarness(id, _loaders.Create(id, path)));
        _monitor.Publish(new ServableState(id, ManagerState.Start, ServingStatus.Ok));
    }

    private void Perform(LoaderHarness harness, Action<LoaderHarness> work)
    {
        try
        {
            work(harness);
        }
        finally
        {
            lock (_gate)
            {
                _running--;
                Wake();
            }
        }
    }

    private void Load(LoaderHarness harness)
    {
        // 1. Reserve memory; one version at a time.
        ServingStatus status;
        lock (_approval)
        {
            status = Approve(harness);
        }

        // 2. Load, with retries.
        if (status.IsOk)
        {
            lock (_gate)
            {
                harness.Advance(HarnessState.LoadApproved, HarnessState.Loading);
            }

            Publish(harness, ManagerState.Loading);
            _log.Loading(harness.Id);
            status = Retry($"Loading servable: {harness.Id}", () => harness.Loader.Load(harness.NotAspired.Token), harness);
        }

        // 3. A version that nobody wants any more goes at once.
        if (status.IsOk && harness.NotAspired.IsCancellationRequested)
        {
            Discard(harness);
            status = new ServingStatus(StatusCode.Cancelled, "Loading of servable cancelled");
        }

        if (!status.IsOk)
        {
            _log.Failed(harness.Id, status);
            lock (_gate)
            {
                harness.Fail();
                ReleaseResources(harness);
            }

            _log.CannotBeLoaded(harness.Id, status);
            _monitor.Publish(new ServableState(harness.Id, ManagerState.End, status));
            return;
        }

        // 4. Serve: new requests see it at once; it is called available when the requests on the old table are done.
        lock (_gate)
        {
            harness.Advance(HarnessState.Loading, HarnessState.Ready);
        }

        _log.Loaded(harness.Id);
        SwapTable();
        Publish(harness, ManagerState.Available);
    }

    private ServingStatus Approve(LoaderHarness harness)
    {
        long bytes = 0;
        ServingStatus status = Retry(
            $"Reserving resources for servable: {harness.Id}", () => harness.Loader.TryEstimateRam(out bytes), harness);
        if (!status.IsOk)
        {
            status = new ServingStatus(
                status.Code, $"Error while attempting to reserve resources to load servable {harness.Id}: {status.Message}");
        }
        else
        {
            lock (_gate)
            {
                if (_resources.TryReserve(bytes))
                {
                    harness.ReservedBytes = bytes;
                    harness.Advance(HarnessState.LoadRequested, HarnessState.LoadApproved);
                }
                else
                {
                    status = ServingStatus.ResourceExhausted($"Insufficient resources to load servable {harness.Id}");
                }
            }
        }

        if (status.IsOk)
        {
            _log.ResourcesReserved(harness.Id);
            _log.Approving(harness.Id);
        }
        else
        {
            _log.ReservationFailed(status);
        }

        return status;
    }

    private ServingStatus Retry(string what, Func<ServingStatus> attempt, LoaderHarness harness) => Retrier.Run(
        what, Math.Max(_options.MaxNumLoadRetries, 0), _retryInterval, () => Guard(attempt), _options.Time, _log, harness.NotAspired.Token);

    private void Unload(LoaderHarness harness)
    {
        // 1. New requests do not find it; those that hold it finish.
        lock (_gate)
        {
            harness.Advance(HarnessState.UnloadRequested, HarnessState.Quiescing);
        }

        _log.Quiescing(harness.Id);
        Publish(harness, ManagerState.Unloading);
        SwapTable();
        lock (_gate)
        {
            harness.Advance(HarnessState.Quiescing, HarnessState.Quiesced);
        }

        _log.Quiesced(harness.Id);

        // 2. Give everything back.
        lock (_gate)
        {
            harness.Advance(HarnessState.Quiesced, HarnessState.Unloading);
        }

        _log.Unloading(harness.Id);
        Discard(harness);
        _log.Unloaded(harness.Id);
        lock (_gate)
        {
            ReleaseResources(harness);
            harness.Advance(HarnessState.Unloading, HarnessState.Disabled);
        }

        Publish(harness, ManagerState.End);
    }

    private void Discard(LoaderHarness harness)
    {
        _log.ReleasingMemory(harness.ReservedBytes);
        ServingStatus status = Guard(() =>
        {
            harness.Loader.Unload();
            _options.AfterUnload?.Invoke(harness.Id);
            return ServingStatus.Ok;
        });
        if (!status.IsOk)
        {
            _log.AttemptFailed($"Unloading servable: {harness.Id}", status);
        }
    }

    private void ReleaseResources(LoaderHarness harness)
    {
        _resources.Release(harness.ReservedBytes);
        harness.ReservedBytes = 0;
    }

    private void SwapTable()
    {
        lock (_swap)
        {
            var loaded = new List<(ServableId, object)>();
            lock (_gate)
            {
                foreach (LoaderHarness harness in Harnesses())
                {
                    if (harness.State is HarnessState.Ready or HarnessState.UnloadRequested)
                    {
                        loaded.Add((harness.Id, harness.Loader.Servable));
                    }
                }
            }

            ServingTable old = Interlocked.Exchange(ref _table, new ServingTable(loaded));
            old.RetireAndWait();
        }
    }

    private void Publish(LoaderHarness harness, ManagerState state) =>
        _monitor.Publish(new ServableState(harness.Id, state, ServingStatus.Ok));
}
