namespace SharpServing.Serving;

/// <summary>
/// Polls base paths on its own thread and tells which versions are aspired. A base path that cannot be read stops the whole poll,
/// so that no stream is unloaded by a missing mount.
/// </summary>
/// <remarks>Source of the rules: tensorflow_serving/sources/storage_path/file_system_storage_path_source.cc.</remarks>
public sealed class FileSystemStoragePathSource : IDisposable
{
    private readonly TimeSpan _period;
    private readonly ServingLog _log;
    private readonly Action<string, IReadOnlyList<AspiredVersion>> _aspire;

    // Guards the fields below; taken during a whole poll, so that a list never goes out for a stream already dropped.
    private readonly Lock _pollGate = new();
    private readonly WakeUp _wakeUp;
    private IReadOnlyList<MonitoredServable> _servables = [];
    private Thread? _thread;
    private volatile bool _stopping;

    /// <param name="pollSeconds">Period in seconds; 0 polls once, negative never.</param>
    /// <param name="aspire">Called with the full aspired list of one stream at a time.</param>
    /// <param name="time">Clock of the period.</param>
    /// <param name="log">Where warnings go.</param>
    public FileSystemStoragePathSource(
        int pollSeconds, Action<string, IReadOnlyList<AspiredVersion>> aspire, TimeProvider time, ILogSink log)
    {
        PollSeconds = pollSeconds;
        _period = TimeSpan.FromSeconds(Math.Max(pollSeconds, 0));
        _aspire = aspire;
        _wakeUp = new WakeUp(time);
        _log = new ServingLog(log);
    }

    public int PollSeconds { get; }

    /// <summary>Replaces the list. Streams that are gone are given an empty list at once; the others wait for the next poll.</summary>
    public void Update(IReadOnlyList<MonitoredServable> servables)
    {
        lock (_pollGate)
        {
            foreach (MonitoredServable old in _servables)
            {
                if (!Contains(servables, old.Name))
                {
                    _aspire(old.Name, []);
                }
            }

            _servables = servables;
        }

        if (_thread is not null && _period > TimeSpan.Zero)
        {
            _wakeUp.Set();
        }
    }

    /// <summary>Starts polling, at once and then once a period.</summary>
    public void Start()
    {
        if (PollSeconds < 0 || _thread is not null)
        {
            return;
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "FileSystemStoragePathSource" };
        _thread.Start();
    }

    /// <summary>One poll.</summary>
    public void PollOnce()
    {
        lock (_pollGate)
        {
            var aspired = new List<(string Name, IReadOnlyList<AspiredVersion> Versions)>(_servables.Count);
            foreach (MonitoredServable servable in _servables)
            {
                ServingStatus status = TryPoll(servable, out IReadOnlyList<AspiredVersion> versions);
                if (!status.IsOk)
                {
                    _log.FileSystemAccessError(status.Message);
                    return;
                }

                aspired.Add((servable.Name, versions));
            }

            foreach ((string name, IReadOnlyList<AspiredVersion> versions) in aspired)
            {
                _aspire(name, versions);
            }
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _wakeUp.Set();
        if (_thread is not null && _thread != Thread.CurrentThread)
        {
            _thread.Join();
        }

        _wakeUp.Dispose();
    }

    private static bool Contains(IReadOnlyList<MonitoredServable> servables, string name)
    {
        foreach (MonitoredServable servable in servables)
        {
            if (servable.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    private void Run()
    {
        do
        {
            PollOnce();
            if (_period == TimeSpan.Zero)
            {
                return;
            }

            _wakeUp.Wait(_period);
        }
        while (!_stopping);
    }

    private ServingStatus TryPoll(MonitoredServable servable, out IReadOnlyList<AspiredVersion> versions)
    {
        versions = [];
        ServingStatus status = StoragePath.TryToLocal(servable.BasePath, out string local);
        if (status.IsOk && !Path.Exists(local))
        {
            status = ServingStatus.NotFound($"{local} not found");
        }

        if (!status.IsOk)
        {
            return new ServingStatus(
                status.Code, $"Could not find base path {servable.BasePath} for servable {servable.Name} with error {status}");
        }

        if (servable.Policy is ServableVersionPolicy.Specific specific)
        {
            if (specific.Versions.Count == 0)
            {
                _log.Source($"No specific versions requested for servable {servable.Name}.");
                return ServingStatus.Ok;
            }

            if (TryDirect(servable, local, specific, out versions))
            {
                return ServingStatus.Ok;
            }
        }

        var children = new List<string>();
        try
        {
            foreach (string child in Directory.EnumerateFileSystemEntries(local))
            {
                children.Add(Path.GetFileName(child));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return FileErrors.ToStatus(exception, local);
        }

        versions = VersionSelection.Select(servable, children, _log.Source);
        return ServingStatus.Ok;
    }

    // The common case without listing: every version asked for is a directory of that very name.
    private static bool TryDirect(
        MonitoredServable servable, string local, ServableVersionPolicy.Specific specific, out IReadOnlyList<AspiredVersion> versions)
    {
        var found = new List<AspiredVersion>(specific.Versions.Count);
        foreach (long version in specific.Versions)
        {
            string name = version.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (!Path.Exists(StoragePath.Join(local, name)))
            {
                versions = [];
                return false;
            }

            found.Add(new AspiredVersion(version, StoragePath.Join(servable.BasePath, name)));
        }

        versions = found;
        return true;
    }
}
