using System.Globalization;

namespace SharpServing.Server.Grpc;

/// <summary>The header <c>grpc-timeout</c>: digits and a unit.</summary>
internal static class GrpcTimeout
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue);

    /// <returns>False for what does not parse; the original takes that as no deadline.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        text = text.Trim(' ');
        if (text.Length < 2 || !long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long value))
        {
            return false;
        }

        double ticks = text[^1] switch
        {
            'H' => (double)value * TimeSpan.TicksPerHour,
            'M' => (double)value * TimeSpan.TicksPerMinute,
            'S' => (double)value * TimeSpan.TicksPerSecond,
            'm' => (double)value * TimeSpan.TicksPerMillisecond,
            'u' => (double)value * TimeSpan.TicksPerMicrosecond,
            'n' => (double)value / TimeSpan.NanosecondsPerTick,
            _ => -1,
        };
        timeout = ticks < Longest.Ticks ? TimeSpan.FromTicks((long)ticks) : Longest;
        return ticks >= 0;
    }
}
