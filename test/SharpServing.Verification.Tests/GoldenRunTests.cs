using SharpServing.Ops;
using SharpServing.Runtime.Sessions;
using SharpServing.TestSupport;

namespace SharpServing.Verification.Tests;

/// <summary>
/// All golden data on the runtime, by the code of the command <c>verify</c>. A case that fails must have a row in KnownFailures.tsv:
/// the beginning of <c>group/unit/case</c>, a tab, the reason.
/// </summary>
public sealed class GoldenRunTests
{
    private static readonly string[] KnownFailures = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "KnownFailures.tsv"))
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t')[0])];

    // The lower bounds keep a run that finds or loads nothing from passing.
    [Theory]
    [InlineData("demo", 2)]
    [InlineData("golden/graphs", 900)]
    [InlineData("golden/models", 900)]
    [InlineData("golden/ops", 6700)]
    [InlineData("golden/perf", 16)]
    [InlineData("golden/third_party", 500)]
    public void Verify_Group_FailsOnlyWhereItIsKnown(string path, int passedAtLeast)
    {
        var report = new VerifyReport();
        var options = new VerifyOptions { Cache = SharedData.Cache, Timeout = TimeSpan.FromSeconds(path == "golden/perf" ? 60 : 10) };
        new Verifier(new RuntimeBackend(OpCatalog.Registry, new GraphSessionOptions()), options, report.Add).Run(SharedData.PathOf(path)).ShouldBeTrue();

        IEnumerable<VerifyResult> unknown = report.NotPassed.Where(result => result.Outcome == VerifyOutcome.Failed
            && !KnownFailures.Any(known => $"{result.Group}/{result.Unit}/{result.Case}".StartsWith(known, StringComparison.Ordinal)));
        string.Join('\n', unknown.Take(20).Select(r => $"{r.Group}/{r.Unit}/{r.Case}: {r.Detail}")).ShouldBeEmpty();
        report.Total.Passed.ShouldBeGreaterThanOrEqualTo(passedAtLeast);
    }
}
