using System.Collections.Concurrent;

namespace SharpServing.Server.Tests.Support;

/// <summary>A log whose lines can be waited for.</summary>
internal sealed class AwaitedLog : ILogSink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new();

    public bool IsEnabled(LogSeverity severity) => true;

    public void Write(LogSeverity severity, string file, int line, string text)
    {
        lock (_gate)
        {
            _lines.Add(text);
            foreach ((string part, TaskCompletionSource found) in _awaited)
            {
                if (text.Contains(part, StringComparison.Ordinal))
                {
                    found.TrySetResult();
                }
            }
        }
    }

    /// <summary>Completes when a line that holds the text was, or is, written.</summary>
    public async Task LineAsync(string part)
    {
        TaskCompletionSource found = _awaited.GetOrAdd(part, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (_lines.Exists(line => line.Contains(part, StringComparison.Ordinal)))
            {
                found.TrySetResult();
            }
        }

        try
        {
            await found.Task.WaitAsync(Patience);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"no line '{part}' among:\n{string.Join('\n', _lines)}", e);
        }
    }
}
