using SharpServing.Ops;
using SharpServing.Runtime.Sessions;
using SharpServing.TestSupport;

namespace SharpServing.Verification.Tests;

/// <summary>
/// All golden data on the runtime, by the code of the command <c>verify</c>, with all passes and without those that may be left out.
/// A case that fails must have a row in KnownFailures.tsv, and a row a case that fails.
/// </summary>
public sealed class GoldenRunTests
{
    private static readonly KnownFailure[] KnownFailures = KnownFailure.ReadAll(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "KnownFailures.tsv")));

    // The lower bounds keep a run that finds or loads nothing from passing.
    [Theory]
    [InlineData("demo", 2)]
    [InlineData("golden/graphs", 900)]
    [InlineData("golden/models", 900)]
    [InlineData("golden/ops", 6700)]
    [InlineData("golden/perf", 16)]
    [InlineData("golden/third_party", 500)]
    public void Verify_Group_FailsOnlyWhereItIsKnown(string path, int passedAtLeast) => Verify(path, passedAtLeast, isRaw: false);

    [Theory]
    [InlineData("demo", 2)]
    [InlineData("golden/graphs", 900)]
    [InlineData("golden/models", 900)]
    [InlineData("golden/ops", 6700)]
    [InlineData("golden/perf", 16)]
    [InlineData("golden/third_party", 500)]
    public void Verify_GroupWithoutPasses_FailsOnlyWhereItIsKnown(string path, int passedAtLeast) => Verify(path, passedAtLeast, isRaw: true);

    /// <summary>Code that is not optimised takes longer.</summary>
#if DEBUG
    private const int Slowness = 6;
#else
    private const int Slowness = 1;
#endif

    private static void Verify(string path, int passedAtLeast, bool isRaw)
    {
        var report = new VerifyReport();
        var session = new GraphSessionOptions { GraphPasses = isRaw ? "-all" : "" };
        var options = new VerifyOptions { Cache = SharedData.Cache, Timeout = TimeSpan.FromSeconds((path == "golden/perf" ? 60 : 10) * Slowness) };
        new Verifier(new RuntimeBackend(OpCatalog.Registry, session), options, report.Add).Run(SharedData.PathOf(path)).ShouldBeTrue();

        VerifyResult[] failed = [.. report.NotPassed.Where(result => result.Outcome == VerifyOutcome.Failed)];
        string.Join('\n', KnownFailure.Compare(KnownFailures, Path.GetFileName(path), isRaw, failed).Take(40)).ShouldBeEmpty();
        report.Total.Passed.ShouldBeGreaterThanOrEqualTo(passedAtLeast);
    }
}
