namespace SharpServing.Verification.Tests;

/// <summary>A row of KnownFailures.tsv.</summary>
/// <param name="Start">Beginning of <c>group/unit/case</c>.</param>
/// <param name="When">Empty: always; <c>raw</c>: with passes off only; <c>passes</c>: with passes on only; <c>sometimes</c>: now and then.</param>
internal sealed record KnownFailure(string Start, string When)
{
    /// <exception cref="FormatException">A row lacks its reason, or has another word in its third column.</exception>
    public static KnownFailure[] ReadAll(IEnumerable<string> lines) =>
        [.. lines.Where(line => line.Length > 0 && line[0] != '#').Select(Parse)];

    /// <summary>
    /// What is wrong after a run: each failed case without a row, each row of the group that no failed case needs.
    /// </summary>
    public static IEnumerable<string> Compare(IEnumerable<KnownFailure> rows, string group, bool isRaw, IReadOnlyCollection<VerifyResult> failed)
    {
        KnownFailure[] here =
            [.. rows.Where(row => row.Start.StartsWith(group + "/", StringComparison.Ordinal) && row.When != (isRaw ? "passes" : "raw"))];
        foreach (VerifyResult result in failed.Where(result => !Array.Exists(here, row => row.Covers(result))))
        {
            yield return $"{NameOf(result)}: {result.Detail}";
        }

        foreach (KnownFailure row in here.Where(row => row.When != "sometimes" && !failed.Any(row.Covers)))
        {
            yield return $"KnownFailures.tsv: nothing fails that begins with {row.Start}";
        }
    }

    private static KnownFailure Parse(string line) =>
        line.Split('\t') is [var start, { Length: > 0 }, .. var rest] && rest is [] or ["raw" or "passes" or "sometimes"]
            ? new KnownFailure(start, rest is [var when] ? when : "")
            : throw new FormatException($"KnownFailures.tsv: '{line}' is not a row");

    private static string NameOf(VerifyResult result) => $"{result.Group}/{result.Unit}/{result.Case}";

    private bool Covers(VerifyResult result) => NameOf(result).StartsWith(Start, StringComparison.Ordinal);
}
