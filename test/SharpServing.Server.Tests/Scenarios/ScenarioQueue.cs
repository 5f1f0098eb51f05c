using System.Text.Json;
using SharpServing.TestSupport;

namespace SharpServing.Server.Tests.Scenarios;

/// <summary>
/// Plays scenarios side by side, as most of them wait most of the time: asking for one starts those behind it too, some at a time. One that
/// differs is played again, alone: between other processes, calls that were 50 ms apart may come in another order.
/// </summary>
public sealed class ScenarioQueue : IAsyncLifetime, IDisposable
{
    /// <summary>How many begin with the one asked for.</summary>
    private const int Ahead = 5;

    private const int Replays = 2;

    private readonly SemaphoreSlim _slots = new(Ahead);
    private readonly SemaphoreSlim _alone = new(1);
    private readonly Lock _gate = new();
    private readonly List<(string Name, string Line)> _scenarios = [];
    private readonly Dictionary<string, Task<ScenarioResult>> _started = [];

    public Task InitializeAsync()
    {
        // Clients of the scenarios wait on threads of the pool.
        ThreadPool.GetMinThreads(out _, out int completions);
        ThreadPool.SetMinThreads(64, completions);
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => Task.WhenAll(_started.Values);

    public void Dispose()
    {
        _slots.Dispose();
        _alone.Dispose();
    }

    /// <param name="name">File and id.</param>
    /// <param name="files">All that there are, in the order of the tests.</param>
    /// <param name="play">Plays a scenario: its name, its line.</param>
    internal Task<ScenarioResult> ResultAsync(string name, IEnumerable<string> files, Func<string, string, Task<ScenarioResult>> play)
    {
        lock (_gate)
        {
            if (_scenarios.Count == 0)
            {
                _scenarios.AddRange(files.SelectMany(Read));
            }

            int index = _scenarios.FindIndex(one => one.Name == name);
            foreach ((string next, string line) in _scenarios.Skip(index).Take(Ahead))
            {
                if (!_started.ContainsKey(next))
                {
                    _started.Add(next, Task.Run(() => InTurnAsync(() => play(next, line))));
                }
            }

            return _started[name];
        }
    }

    internal static IEnumerable<(string Name, string Line)> Read(string file)
    {
        foreach (string line in File.ReadLines(SharedData.PathOf("golden", "tfs_transcripts", file + ".jsonl")))
        {
            using JsonDocument scenario = JsonDocument.Parse(line);
            yield return ($"{file} {scenario.RootElement.GetProperty("id").GetString()}", line);
        }
    }

    private async Task<ScenarioResult> InTurnAsync(Func<Task<ScenarioResult>> play)
    {
        ScenarioResult result = await InSlotsAsync(1, play);
        for (int i = 0; i < Replays && !result.IsAsExpected; i++)
        {
            await _alone.WaitAsync();
            try
            {
                result = await InSlotsAsync(Ahead, play);
            }
            finally
            {
                _alone.Release();
            }
        }

        return result;
    }

    private async Task<ScenarioResult> InSlotsAsync(int count, Func<Task<ScenarioResult>> play)
    {
        for (int i = 0; i < count; i++)
        {
            await _slots.WaitAsync();
        }

        try
        {
            return await play();
        }
        finally
        {
            _slots.Release(count);
        }
    }
}
