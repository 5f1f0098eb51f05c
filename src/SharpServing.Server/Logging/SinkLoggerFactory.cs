using System.Security.Authentication;
using Microsoft.Extensions.Logging;

namespace SharpServing.Server.Logging;

/// <summary>
/// Lets the web server's own warnings and errors through to an <see cref="ILogSink"/>, and, as an error as in the original, why a TLS
/// handshake failed.
/// </summary>
public sealed class SinkLoggerFactory : ILoggerFactory
{
    private readonly SinkLogger _logger;
    private readonly HandshakeLogger _handshakes;

    public SinkLoggerFactory(ILogSink sink)
    {
        _logger = new SinkLogger(sink);
        _handshakes = new HandshakeLogger(sink);
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one sink.");

    public ILogger CreateLogger(string categoryName) =>
        categoryName.EndsWith(".HttpsConnectionMiddleware", StringComparison.Ordinal) ? _handshakes : _logger;

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

    /// <summary>Kestrel tells of failed handshakes at its level Debug, with the reason as the exception.</summary>
    private sealed class HandshakeLogger(ILogSink sink) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Debug and < LogLevel.None && sink.IsEnabled(LogSeverity.Error);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // A client that only looks whether the port is open is none to tell of.
            if (IsEnabled(logLevel) && exception is AuthenticationException)
            {
                string reason = exception.InnerException is { } inner ? $"{exception.Message} {inner.Message}" : exception.Message;
                sink.Write(LogSeverity.Error, "ssl_transport_security.cc", 1511, $"      Handshake failed with fatal error SSL_ERROR_SSL: {reason}");
            }
        }
    }
}
