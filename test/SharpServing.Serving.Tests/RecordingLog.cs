namespace SharpServing.Serving.Tests;

/// <summary>Keeps lines as <c>I file.cc] text</c>.</summary>
internal sealed class RecordingLog : ILogSink
{
    private readonly List<string> _lines = [];

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

    public bool IsEnabled(LogSeverity severity) => true;

    public void Write(LogSeverity severity, string file, int line, string text)
    {
        lock (_lines)
        {
            _lines.Add($"{"IWEF"[(int)severity]} {file}] {text}");
        }
    }
}
