using System.Text.RegularExpressions;

namespace SharpServing.Conformance.Tests.Document;

/// <summary>Texts between grave accents in a cell, with <c>\n</c> read as a line feed.</summary>
internal static partial class CodeSpan
{
    public static string? First(string cell) => Span().Match(cell) is { Success: true } span ? Text(span.Groups["text"].Value) : null;

    public static string Text(string code) => code.Replace("\\n", "\n", StringComparison.Ordinal);

    [GeneratedRegex("`(?<text>[^`]+)`", RegexOptions.None, 5000)]
    private static partial Regex Span();
}
