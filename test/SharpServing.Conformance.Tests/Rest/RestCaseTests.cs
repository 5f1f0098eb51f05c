using SharpServing.Conformance.Tests.Document;
using SharpServing.Conformance.Tests.Support;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>Sections B and D: routing, transport, and REST end to end.</summary>
public sealed class RestCaseTests : IClassFixture<FixtureServer>
{
    private readonly FixtureServer _fixture;

    public RestCaseTests(FixtureServer fixture) => _fixture = fixture;

    public static TheoryData<string> Ids => ConformanceCase.Data(
        CaseDocument.Rows.Where(row => row.Section[0] is 'B' or 'D').Where(row => Find(row) is not null).Select(row => row.Id));

    [Theory]
    [MemberData(nameof(Ids))]
    public Task Rest_Request_IsAnsweredAsByTheOriginal(string id) =>
        ConformanceCase.RunAsync(id, () => Find(CaseDocument.Row(id))!(_fixture.Server));

    /// <summary>What the row says by itself, or a test of its own; null: neither.</summary>
    private static Func<ConformanceServer, Task>? Find(CaseRow row) =>
        TransportCases.All.TryGetValue(row.Id, out Func<ConformanceServer, Task>? test) || InferenceCases.All.TryGetValue(row.Id, out test)
            || MetadataCases.All.TryGetValue(row.Id, out test)
            ? test
            : row.Section == "B" ? RouteRows.Find(row) : PredictRows.Find(row);
}
