using SharpServing.Conformance.Tests.Batching;
using SharpServing.Conformance.Tests.Document;
using SharpServing.Conformance.Tests.Grpc;
using SharpServing.Conformance.Tests.Loading;
using SharpServing.Conformance.Tests.Monitoring;
using SharpServing.Conformance.Tests.Rest;
using SharpServing.Conformance.Tests.Startup;
using SharpServing.Conformance.Tests.Versions;
using SharpServing.TestSupport;

namespace SharpServing.Conformance.Tests;

/// <summary>No case of the document is left out, and no deviation is without its line in the docs.</summary>
public sealed class CompletenessTests
{
    private const int MostDeviations = 10;

    private static readonly TheoryData<string>[] Tested =
    [
        PredictBodyTests.Ids,
        ExampleBodyTests.Ids,
        AnswerTests.Ids,
        RestCaseTests.Ids,
        GrpcCaseTests.Ids,
        StartupCaseTests.Ids,
        VersionCaseTests.Ids,
        MonitoringCaseTests.Ids,
        BatchingCaseTests.Ids,
        LoadingCaseTests.Ids,
    ];

    [Fact]
    public void Document_EveryId_HasATestOrADeviation()
    {
        IEnumerable<string> known = Tested.SelectMany(data => data.Select<object[], string>(row => (string)row[0])).Concat(Deviations.All.Keys);
        CaseDocument.Ids.Except(known).ShouldBeEmpty();
    }

    [Fact]
    public void Document_Ids_AreThere() => CaseDocument.Ids.Count().ShouldBeGreaterThan(300);

    [Fact]
    public void Deviations_AreFewAndDocumented()
    {
        Deviations.All.Count.ShouldBeLessThanOrEqualTo(MostDeviations);
        Deviations.All.Keys.Except(CaseDocument.Ids).ShouldBeEmpty("deviations of ids that the document does not have");
        string page = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "docs", "compatibility.md"));
        Deviations.All.Keys.Where(id => !page.Contains(id, StringComparison.Ordinal)).ShouldBeEmpty("docs/compatibility.md");
    }
}
