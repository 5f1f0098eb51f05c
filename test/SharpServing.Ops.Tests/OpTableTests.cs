using System.Globalization;
using System.Text.RegularExpressions;

namespace SharpServing.Ops.Tests;

/// <summary>docs/ops.md lists the registry's ops, each once.</summary>
public sealed partial class OpTableTests
{
    private static readonly string Table = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "ops.md"));

    [Fact]
    public void Table_ListsTheOpsOfTheRegistry()
    {
        // A name with an underscore in front is the plan's own: no model has it.
        string[] registered = [.. OpCatalog.Registry.Rows.Select(row => row.Name).Where(op => op[0] != '_').Order(StringComparer.Ordinal)];
        string[] listed = [.. Lists().Matches(Table).SelectMany(list => Name().Matches(list.Value)).Select(name => name.Groups["op"].Value)];

        listed.Order(StringComparer.Ordinal).ShouldBe(registered);
    }

    [Fact]
    public void Table_CountsTheOpsOfTheRegistry() =>
        Table.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"{OpCatalog.Registry.Rows.Count(row => row.Name[0] != '_')} ops have a kernel"));

    [GeneratedRegex("^`.*$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Lists();

    [GeneratedRegex("`(?<op>[^`]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
