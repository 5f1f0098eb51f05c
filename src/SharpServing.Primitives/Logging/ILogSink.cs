namespace SharpServing;

/// <summary>Takes finished log lines in the form of the original server: severity, source file, line, text. Thread-safe.</summary>
public interface ILogSink
{
    /// <summary>Whether a line of this severity is kept; ask before a costly text is made.</summary>
    bool IsEnabled(LogSeverity severity);

    /// <param name="severity">What the line begins with (I, W, E, F).</param>
    /// <param name="file">File of the original that prints this line (<c>server.cc</c>): scripts and people look for it.</param>
    /// <param name="line">Line in that file, as far as known.</param>
    /// <param name="text">The text; may hold line breaks.</param>
    void Write(LogSeverity severity, string file, int line, string text);
}
