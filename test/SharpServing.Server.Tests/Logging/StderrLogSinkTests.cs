using System.Text;
using System.Text.RegularExpressions;
using SharpServing.Server.Logging;

namespace SharpServing.Server.Tests.Logging;

public partial class StderrLogSinkTests
{
    // confirmed.md, D12.
    [Fact]
    public void Write_Lines_HaveTheFormOfTheOriginal()
    {
        using var output = new MemoryStream();
        var sink = new StderrLogSink(output, LogSeverity.Info, new FixedTime(DateTimeOffset.UnixEpoch.AddTicks(1_782_049_843_000_123_0)));
        sink.Write(LogSeverity.Info, "server.cc", 89, "Using é");
        sink.Write(LogSeverity.Error, "retrier.cc", 37, "byte \udcff");

        string[] lines = Encoding.Latin1.GetString(output.ToArray()).Split('\n');
        lines[0].ShouldBe("WARNING: All log messages before absl::InitializeLog() is called are written to STDERR");
        ThreadId().Replace(lines[1], " # ").ShouldBe("I0000 00:00:1782049843.000123 # server.cc:89] Using Ã©");
        ThreadId().Replace(lines[2], " # ").ShouldBe("E0000 00:00:1782049843.000123 # retrier.cc:37] byte ÿ");
    }

    [Theory]
    [InlineData(null, "IWEF")]
    [InlineData("0", "IWEF")]
    [InlineData("1", "WEF")]
    [InlineData("2", "EF")]
    [InlineData("3", "F")]
    [InlineData("9", "F")]
    [InlineData("x", "IWEF")]
    public void ParseLevel_Text_DropsLowerLines(string? level, string kept)
    {
        using var output = new MemoryStream();
        var sink = new StderrLogSink(output, StderrLogSink.ParseLevel(level), TimeProvider.System);
        foreach (LogSeverity severity in Enum.GetValues<LogSeverity>())
        {
            sink.Write(severity, "f.cc", 1, "x");
        }

        string.Concat(Encoding.UTF8.GetString(output.ToArray()).Split('\n').Skip(1).Where(line => line.Length > 0).Select(line => line[0]))
            .ShouldBe(kept);
    }

    [GeneratedRegex(@" {2,}[0-9]+ ", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ThreadId();

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
