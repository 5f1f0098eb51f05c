using System.Diagnostics;

namespace SharpServing.Server.Services;

/// <summary>
/// How long the small requests of one signature took lately, from their bytes to their answer's. Only short ones may run on a thread
/// that other connections wait for. Thread-safe; of two records at a time one may be lost.
/// </summary>
internal sealed class RunPace
{
    /// <summary>Larger requests always count as long, and are not recorded. Unit: bytes.</summary>
    public const int SmallBytes = 16 << 10;

    private static readonly long Limit = Stopwatch.Frequency / 5_000;

    private readonly bool _isAlwaysLong;

    /// <summary>Unknown is long. Unit: ticks of <see cref="Stopwatch"/>.</summary>
    private long _recent = 10 * Limit;

    /// <param name="isAlwaysLong">The signature's runs wait for something: how long the last ones took says nothing.</param>
    public RunPace(bool isAlwaysLong = false) => _isAlwaysLong = isAlwaysLong;

    /// <summary>At most 200 µs.</summary>
    public bool IsShort => !_isAlwaysLong && Volatile.Read(ref _recent) <= Limit;

    /// <summary>A longer run counts at once; shorter ones bring it down by a sixteenth of the difference each.</summary>
    /// <param name="ticks">Of <see cref="Stopwatch"/>.</param>
    public void Record(long ticks)
    {
        long recent = Volatile.Read(ref _recent);
        Volatile.Write(ref _recent, ticks >= recent ? ticks : recent - (recent - ticks + 15) / 16);
    }
}
