using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SharpServing.Conformance.Tests.Document;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>Rows of section D that say everything: a body, perhaps where it goes, and the value or the error of the answer.</summary>
internal static partial class PredictRows
{
    /// <summary>Null: the row needs a test of its own.</summary>
    public static Func<ConformanceServer, Task>? Find(CaseRow row)
    {
        Match request = Request().Match(row.Cells[0]);
        Match answer = Answer().Match(row.Cells[1]);
        if (!request.Success || !answer.Success)
        {
            return null;
        }

        string body = request.Groups["body"].Value;
        string model = request.Groups["fixture"] is { Success: true, Value: var fixture } ? fixture : "default";
        string target = request.Groups["target"] is { Success: true, Value: var path } && path.StartsWith('/')
            ? path
            : $"/v1/models/{model}:{(request.Groups["verb"] is { Success: true, Value: var verb } ? verb : VerbOf(row, body))}";
        return async server =>
        {
            RawHttpAnswer got = await server.RestAsync("POST", target, body);
            if (answer.Groups["error"].Success)
            {
                got.Status.ToString(CultureInfo.InvariantCulture).ShouldBe(answer.Groups["status"].Value, got.Text);
                got.Text.ShouldBe(Refusal.Body(CodeSpan.Text(answer.Groups["error"].Value)));
                return;
            }

            got.Status.ShouldBe(200, got.Text);
            JsonNode.DeepEquals(JsonNode.Parse(got.Text), JsonNode.Parse(answer.Groups["value"].Value)).ShouldBeTrue(got.Text);
            if (answer.Groups["bytes"] is { Success: true, Value: var bytes })
            {
                got.Text.ShouldBe(CodeSpan.Text(bytes));
            }
        };
    }

    private static string VerbOf(CaseRow row, string body) =>
        row.Section != "D.2" ? "predict"
        : body.Contains("\"classify", StringComparison.Ordinal) ? "classify"
        : "regress";

    [GeneratedRegex(@"^(?:(?<fixture>[A-Z][A-Z0-9]+): )?(?:POST (?:(?<target>/\S+)|…:(?<verb>\w+)) )?`(?<body>\{[^`]*)`(?: \([^)]*\))?$", RegexOptions.None, 5000)]
    private static partial Regex Request();

    [GeneratedRegex(@"^(?:(?<status>[45][0-9]{2}) `(?<error>[^`]+)`|(?:200 => )?`(?<value>\{[^`]*)`(?:; byte exact `(?<bytes>[^`]*)`)?)(?: \(.*\)| on a fresh server)?$", RegexOptions.None, 5000)]
    private static partial Regex Answer();
}
