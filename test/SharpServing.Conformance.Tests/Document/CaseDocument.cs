using System.Text.RegularExpressions;
using SharpServing.TestSupport;

namespace SharpServing.Conformance.Tests.Document;

/// <summary>shared/conformance/tfserving_cases.md: tables and blocks of cases, in its order.</summary>
internal static partial class CaseDocument
{
    static CaseDocument()
    {
        var rows = new List<CaseRow>();
        var blocks = new List<CaseBlock>();
        string section = "";
        List<string>? lines = null;
        foreach (string line in File.ReadLines(SharedData.PathOf("conformance", "tfserving_cases.md")))
        {
            if (BlockHead().Match(line) is { Success: true } head)
            {
                lines = [];
                blocks.Add(new CaseBlock(head.Groups["id"].Value, head.Groups["about"].Value, section, lines));
            }
            else if (Heading().Match(line) is { Success: true } heading)
            {
                section = heading.Groups["section"].Value;
                lines = null;
            }
            else if (lines is null && RowHead().Match(line) is { Success: true } row)
            {
                rows.Add(new CaseRow(row.Groups["id"].Value, section, [.. row.Groups["cells"].Value.Split(" | ").Select(cell => cell.Trim())]));
            }
            else
            {
                lines?.Add(line);
            }
        }

        Rows = rows;
        Blocks = blocks;
    }

    public static IReadOnlyList<CaseRow> Rows { get; }

    public static IReadOnlyList<CaseBlock> Blocks { get; }

    public static IEnumerable<string> Ids => Rows.Select(row => row.Id).Concat(Blocks.Select(block => block.Id));

    public static CaseRow Row(string id) => Rows.Single(row => row.Id == id);

    public static CaseBlock Block(string id) => Blocks.Single(block => block.Id == id);

    /// <summary>Blocks of the sections that begin so.</summary>
    public static IEnumerable<CaseBlock> BlocksOf(params string[] sections) =>
        Blocks.Where(block => Array.Exists(sections, section => block.Section.StartsWith(section, StringComparison.Ordinal)));

    [GeneratedRegex("^#### (?<id>[A-Z][0-9]+[a-z]?)(?: — (?<about>.*))?$", RegexOptions.None, 5000)]
    private static partial Regex BlockHead();

    [GeneratedRegex("^##+ (?<section>[A-Z](?:\\.?[0-9]+)?)\\b", RegexOptions.None, 5000)]
    private static partial Regex Heading();

    [GeneratedRegex("^\\| (?<id>[A-Z][0-9]+[a-z]?) \\|(?<cells>.*)\\|$", RegexOptions.None, 5000)]
    private static partial Regex RowHead();
}
