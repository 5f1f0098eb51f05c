namespace SharpServing.Server.Tests.Transcripts;

/// <summary>The table of exchanges that are known to differ: file, id, reason, separated by tabs.</summary>
internal static class ExpectedFailures
{
    public static IReadOnlyDictionary<string, string> Of(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Transcripts", "expected_failures.tsv"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t'))
            .Where(row => row[0] == file)
            .ToDictionary(row => row[1], row => row[2]);
}
