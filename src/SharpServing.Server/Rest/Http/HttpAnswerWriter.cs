using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;

namespace SharpServing.Server.Rest.Http;

/// <summary>Writes status line, headers and body in libevent's order.</summary>
internal static class HttpAnswerWriter
{
    private const string DefaultContentType = "text/html; charset=ISO-8859-1";
    private static DateText _date = new(long.MinValue, []);

    public static void Write(PipeWriter output, HttpHead head, HttpAnswer answer, TimeProvider time)
    {
        WriteStatusLine(output, head, answer.Status);
        if (answer.ContentType is { } type)
        {
            WriteHeader(output, "Content-Type"u8, type);
        }

        if (answer.HasCors)
        {
            output.Write("Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: POST, GET\r\nAccess-Control-Allow-Headers: Content-Type\r\n"u8);
        }

        bool asksToClose = head.AsksToClose;
        if (answer.Closes && !asksToClose)
        {
            output.Write("Connection: close\r\n"u8);
        }

        bool hasBody = !head.Method.HasNoAnswerBody() && answer.Status is not (204 or 304);
        if (head.MajorVersion == 1)
        {
            if (head.MinorVersion >= 1)
            {
                WriteDate(output, time);
            }
            else if (head.IsKeptAlive && !answer.Closes)
            {
                output.Write("Connection: keep-alive\r\n"u8);
            }

            if (hasBody && (head.MinorVersion >= 1 || head.IsKeptAlive))
            {
                WriteLength(output, answer.Body.Length);
            }
        }

        if (hasBody && answer.ContentType is null)
        {
            WriteHeader(output, "Content-Type"u8, DefaultContentType);
        }

        if (asksToClose && !head.IsProxy)
        {
            output.Write("Connection: close\r\n"u8);
        }

        output.Write("\r\n"u8);
        output.Write(answer.Body.Span);
    }

    private static void WriteStatusLine(PipeWriter output, HttpHead head, int status)
    {
        if (status == 200 && head is { MajorVersion: 1, MinorVersion: 1 })
        {
            output.Write("HTTP/1.1 200 OK\r\n"u8);
            return;
        }

        string line = string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"HTTP/{head.MajorVersion}.{head.MinorVersion} {status} {HttpReasons.Of(status)}\r\n");
        output.Write(Encoding.ASCII.GetBytes(line));
    }

    private static void WriteHeader(PipeWriter output, ReadOnlySpan<byte> name, string value)
    {
        output.Write(name);
        output.Write(": "u8);
        Span<byte> span = output.GetSpan(value.Length);
        output.Advance(Encoding.ASCII.GetBytes(value, span));
        output.Write("\r\n"u8);
    }

    private static void WriteLength(PipeWriter output, long length)
    {
        output.Write("Content-Length: "u8);
        Utf8Formatter.TryFormat(length, output.GetSpan(20), out int written);
        output.Advance(written);
        output.Write("\r\n"u8);
    }

    /// <summary>The text is made once a second.</summary>
    private static void WriteDate(PipeWriter output, TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateText date = Volatile.Read(ref _date);
        long second = now.ToUnixTimeSeconds();
        if (date.Second != second)
        {
            date = new DateText(second, Encoding.ASCII.GetBytes($"Date: {now.ToString("r", System.Globalization.CultureInfo.InvariantCulture)}\r\n"));
            Volatile.Write(ref _date, date);
        }

        output.Write(date.Line);
    }

    private sealed record DateText(long Second, byte[] Line);
}
