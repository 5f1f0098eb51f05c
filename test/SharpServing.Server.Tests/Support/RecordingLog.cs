namespace SharpServing.Server.Tests.Support;

/// <summary>Keeps lines as the recordings do: <c>I file.cc] text</c>, a text of several lines as several.</summary>
internal sealed class RecordingLog : ILogSink
{
    private readonly List<string> _lines = [];
    private readonly LogSeverity _least;

    public RecordingLog(LogSeverity least = LogSeverity.Info) => _least = least;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public bool IsEnabled(LogSeverity severity) => severity >= _least;

    public void Write(LogSeverity severity, string file, int line, string text)
    {
        if (!IsEnabled(severity))
        {
            return;
        }

        lock (_lines)
        {
            _lines.AddRange($"{"IWEF"[(int)severity]} {file}] {text}".Split('\n'));
        }
    }
}
