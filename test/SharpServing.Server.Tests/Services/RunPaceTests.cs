using System.Diagnostics;
using SharpServing.Server.Services;

namespace SharpServing.Server.Tests.Services;

public sealed class RunPaceTests
{
    private static readonly long Micro = Stopwatch.Frequency / 1_000_000;

    [Fact]
    public void IsShort_BeforeAnyRun_IsFalse() => new RunPace().IsShort.ShouldBeFalse();

    [Fact]
    public void IsShort_AfterManyShortRuns_IsTrueUntilOneIsLong()
    {
        var pace = new RunPace();
        Record(pace, 100, 50 * Micro);
        pace.IsShort.ShouldBeTrue();

        Record(pace, 1, 5_000 * Micro);
        pace.IsShort.ShouldBeFalse();
        Record(pace, 10, 50 * Micro);
        pace.IsShort.ShouldBeFalse("one long run counts longer than ten short ones");
        Record(pace, 100, 50 * Micro);
        pace.IsShort.ShouldBeTrue();
    }

    [Fact]
    public void IsShort_RunsAboveTheLimit_NeverTrue()
    {
        var pace = new RunPace();
        Record(pace, 1000, 201 * Micro);
        pace.IsShort.ShouldBeFalse();
    }

    private static void Record(RunPace pace, int count, long ticks)
    {
        for (int i = 0; i < count; i++)
        {
            pace.Record(ticks);
        }
    }
}
