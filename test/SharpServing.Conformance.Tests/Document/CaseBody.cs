using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SharpServing.Conformance.Tests.Document;

/// <summary>The request body of a block, which the document may give as Python's bytes or with its middle left out.</summary>
internal static partial class CaseBody
{
    public static byte[] Of(CaseBlock block)
    {
        string text = block.Fenced("request body:") ?? throw new InvalidDataException($"{block.Id} has no request body.");
        if (text.StartsWith("b'", StringComparison.Ordinal) && text.EndsWith('\''))
        {
            return Encoding.Latin1.GetBytes(Escape().Replace(text[2..^1], code => ((char)Convert.ToByte(code.Groups["text"].Value, 16)).ToString()));
        }

        return Encoding.UTF8.GetBytes(Elision().Match(text) is { Success: true } gap ? Restore(text[..gap.Index], text[(gap.Index + gap.Length)..], gap) : text);
    }

    /// <summary>What is left out goes on as it began: brackets, as many as the length says, or counted numbers.</summary>
    private static string Restore(string begin, string end, Match gap)
    {
        int total = int.Parse(gap.Groups["total"].Value, CultureInfo.InvariantCulture);
        string text;
        if (begin.EndsWith('['))
        {
            int opened = begin.Length - begin.TrimEnd('[').Length;
            int closed = end.Length - end.TrimStart(']').Length;
            int levels = (total - (begin.Length - opened) - (end.Length - closed)) / 2;
            text = begin.TrimEnd('[') + new string('[', levels) + new string(']', levels) + end.TrimStart(']');
        }
        else
        {
            string whole = begin[..(begin.LastIndexOf(' ') + 1)];
            int next = int.Parse(LastNumber().Match(whole).Groups["text"].Value, CultureInfo.InvariantCulture) + 1;
            int last = int.Parse(FirstNumber().Match(end).Groups["text"].Value, CultureInfo.InvariantCulture);
            text = whole + string.Concat(Enumerable.Range(next, last - next).Select(number => $"{number}, ")) + end.TrimStart();
        }

        text.Length.ShouldBe(total, "the length that the document names");
        return text;
    }

    [GeneratedRegex(@"\\x(?<text>[0-9a-f]{2})", RegexOptions.None, 5000)]
    private static partial Regex Escape();

    [GeneratedRegex(@" ?…\((?<total>[0-9]+) bytes\)… ?", RegexOptions.None, 5000)]
    private static partial Regex Elision();

    [GeneratedRegex(@"(?<text>[0-9]+), $", RegexOptions.None, 5000)]
    private static partial Regex LastNumber();

    [GeneratedRegex(@"^ ?(?<text>[0-9]+)", RegexOptions.None, 5000)]
    private static partial Regex FirstNumber();
}
