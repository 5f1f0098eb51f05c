using SharpServing.Server.Logging;

namespace SharpServing.Cli.Demo;

/// <summary>Only what went wrong: the demo prints its own text instead of the server's progress lines.</summary>
internal sealed class QuietLogSink : ILogSink
{
    private readonly StderrLogSink _sink;

    public QuietLogSink(Stream output) => _sink = new StderrLogSink(output, LogSeverity.Warning, TimeProvider.System);

    public bool IsEnabled(LogSeverity severity) => _sink.IsEnabled(severity);

    public void Write(LogSeverity severity, string file, int line, string text) => _sink.Write(severity, file, line, text);
}
