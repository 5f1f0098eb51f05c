using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace SharpServing.Server.Logging;

/// <summary>
/// Writes lines as the original does when absl's log is not initialised:
/// <c>I0000 00:00:1782049843.123456   12345 server.cc:89] text</c>, after one line that says so.
/// One write a line, so lines of several threads do not mix; no lock.
/// </summary>
public sealed class StderrLogSink : ILogSink
{
    private static readonly byte[] Notice =
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"u8.ToArray();

    private readonly Stream _output;
    private readonly TimeProvider _time;
    private readonly LogSeverity _least;
    private int _noticed;

    /// <param name="output">The terminal or file; kept open.</param>
    /// <param name="least">Lines below it are dropped (<c>TF_CPP_MIN_LOG_LEVEL</c>).</param>
    /// <param name="time">Clock of the stamps.</param>
    public StderrLogSink(Stream output, LogSeverity least, TimeProvider time)
    {
        _output = output;
        _least = least;
        _time = time;
    }

    /// <summary>Reads <c>TF_CPP_MIN_LOG_LEVEL</c>: 0 all, 1 no infos, 2 errors only, 3 fatal only; anything else is 0.</summary>
    public static LogSeverity ParseLevel(string? level) =>
        int.TryParse(level, out int number) ? (LogSeverity)Math.Clamp(number, 0, 3) : LogSeverity.Info;

    public bool IsEnabled(LogSeverity severity) => severity >= _least;

    public void Write(LogSeverity severity, string file, int line, string text)
    {
        if (!IsEnabled(severity))
        {
            return;
        }

        if (Interlocked.Exchange(ref _noticed, 1) == 0)
        {
            _output.Write(Notice);
        }

        long micros = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(80 + file.Length + Encoding.UTF8.GetMaxByteCount(text.Length));
        int used = 0;
        buffer[used++] = severity switch
        {
            LogSeverity.Info => (byte)'I',
            LogSeverity.Warning => (byte)'W',
            LogSeverity.Error => (byte)'E',
            _ => (byte)'F',
        };
        Append(buffer, "0000 00:00:"u8, ref used);
        Append(buffer, micros / 1_000_000, 1, (byte)'0', ref used);
        buffer[used++] = (byte)'.';
        Append(buffer, micros % 1_000_000, 6, (byte)'0', ref used);
        buffer[used++] = (byte)' ';
        Append(buffer, Environment.CurrentManagedThreadId, 7, (byte)' ', ref used);
        buffer[used++] = (byte)' ';
        used += Encoding.UTF8.GetBytes(file, buffer.AsSpan(used));
        buffer[used++] = (byte)':';
        Append(buffer, line, 1, (byte)'0', ref used);
        Append(buffer, "] "u8, ref used);
        used += Encode(text, buffer.AsSpan(used));
        buffer[used++] = (byte)'\n';
        _output.Write(buffer, 0, used);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Writes a line without stamp, as the original's HTTP library does.</summary>
    public void WriteRaw(string text) => _output.Write(Encoding.UTF8.GetBytes(text + "\n"));

    // Texts may hold bytes that are not UTF-8.
    private static int Encode(string text, Span<byte> to)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uDC80', '\uDCFF'))
        {
            return Encoding.UTF8.GetBytes(text, to);
        }

        byte[] bytes = StatusText.ToBytes(text);
        bytes.CopyTo(to);
        return bytes.Length;
    }

    private static void Append(byte[] buffer, ReadOnlySpan<byte> bytes, ref int used)
    {
        bytes.CopyTo(buffer.AsSpan(used));
        used += bytes.Length;
    }

    private static void Append(byte[] buffer, long number, int width, byte pad, ref int used)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out int count);
        for (int i = count; i < width; i++)
        {
            buffer[used++] = pad;
        }

        Append(buffer, digits[..count], ref used);
    }
}
