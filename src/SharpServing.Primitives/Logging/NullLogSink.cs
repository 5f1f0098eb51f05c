namespace SharpServing;

/// <summary>Keeps nothing.</summary>
public sealed class NullLogSink : ILogSink
{
    public static readonly NullLogSink Instance = new();

    private NullLogSink()
    {
    }

    public bool IsEnabled(LogSeverity severity) => false;

    public void Write(LogSeverity severity, string file, int line, string text)
    {
    }
}
