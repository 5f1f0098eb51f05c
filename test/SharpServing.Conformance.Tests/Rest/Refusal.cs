using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SharpServing.Conformance.Tests.Document;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>Answers that say no: status, and a body that is the same byte for byte.</summary>
internal static partial class Refusal
{
    /// <summary>By a line such as <c>expected: HTTP 400 (INVALID_ARGUMENT), body:</c> and the text below it, or the message in it.</summary>
    public static void Check(CaseBlock block, string expected, RawHttpAnswer answer)
    {
        answer.Status.ToString(CultureInfo.InvariantCulture).ShouldBe(Code().Match(expected).Groups["text"].Value, answer.Text);
        answer.Headers["content-type"].ShouldBe("application/json");
        answer.Text.ShouldBe(block.Fenced("expected:") ?? Body(expected[(expected.IndexOf('`', StringComparison.Ordinal) + 1)..expected.LastIndexOf('`')]));
    }

    /// <summary>The body of an error with this text.</summary>
    public static string Body(string error)
    {
        var text = new StringBuilder(error);
        text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
        return $"{{\n    \"error\": \"{text}\"\n}}";
    }

    [GeneratedRegex("HTTP (?<text>[0-9]{3})", RegexOptions.None, 5000)]
    private static partial Regex Code();
}
