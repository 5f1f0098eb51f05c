using Microsoft.Extensions.Logging;

namespace SharpServing.Server.Logging;

/// <summary>Lets the web server's own warnings and errors through to an <see cref="ILogSink"/>.</summary>
public sealed class SinkLoggerFactory : ILoggerFactory
{
    private readonly SinkLogger _logger;

    public SinkLoggerFactory(ILogSink sink) => _logger = new SinkLogger(sink);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one sink.");

    public ILogger CreateLogger(string categoryName) => _logger;

    public void Dispose()
    {
    }

    private sealed class SinkLogger(ILogSink sink) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None && sink.IsEnabled(Severity(logLevel));

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                string text = formatter(state, exception);
                sink.Write(Severity(logLevel), "kestrel", eventId.Id, exception is null ? text : $"{text}: {exception.Message}");
            }
        }

        private static LogSeverity Severity(LogLevel level) => level >= LogLevel.Error ? LogSeverity.Error : LogSeverity.Warning;
    }
}
