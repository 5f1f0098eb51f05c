namespace SharpServing;

/// <summary>Severity of a log line; the numbers are those of <c>TF_CPP_MIN_LOG_LEVEL</c>.</summary>
public enum LogSeverity
{
    Info = 0,
    Warning = 1,
    Error = 2,
    Fatal = 3,
}
