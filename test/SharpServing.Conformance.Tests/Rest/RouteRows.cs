using System.Text.RegularExpressions;
using SharpServing.Conformance.Tests.Document;
using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Support;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>Rows of section B that say everything: a request, a status and the error's text.</summary>
internal static partial class RouteRows
{
    private const string GoodBody = "{\"instances\":[1.0]}";
    private const string Malformed = "Malformed";

    /// <summary>Null: the row needs a test of its own.</summary>
    public static Func<ConformanceServer, Task>? Find(CaseRow row)
    {
        string answer = row.Cells[2].Trim();
        bool isEmpty = answer.StartsWith("**empty body**", StringComparison.Ordinal);
        bool isMalformed = answer.StartsWith(Malformed, StringComparison.Ordinal);
        if (Request().Match(row.Cells[0]) is not { Success: true } request
            || !int.TryParse(row.Cells[1], out int status)
            || (!isEmpty && !isMalformed && (status < 400 || CodeSpan.First(answer) is null)))
        {
            return null;
        }

        return async server =>
        {
            foreach (Capture method in request.Groups["method"].Captures)
            {
                string target = request.Groups["target"].Value is { Length: > 0 } path ? path : "/v1/models/default:predict";
                string body = request.Groups["body"] is { Success: true } given ? given.Value
                    : method.Value == "POST" && !request.Groups["empty"].Success ? GoodBody
                    : "";
                string error = isMalformed ? $"Malformed request: {method.Value} {target}" : CodeSpan.First(answer) ?? "";
                RawHttpAnswer got = await server.RestAsync(method.Value, target, body);
                got.Status.ShouldBe(status, got.Text);
                got.Headers["content-type"].ShouldBe("application/json");
                got.Text.ShouldBe(isEmpty ? "" : Refusal.Body(error));
            }
        };
    }

    [GeneratedRegex(
        @"^(?<method>[A-Z]+)(?:, (?<method>[A-Z]+))* (?:(?<target>/[^ ,]+)|predict)(?:,(?: body)? `(?<body>[^`]*)`|(?<empty>, empty body)|, good body| \(trailing slash\))?$", RegexOptions.None, 5000)]
    private static partial Regex Request();
}
