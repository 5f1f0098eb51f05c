namespace SharpServing.Conformance.Tests.Monitoring;

/// <summary>Section M.</summary>
public sealed class MonitoringCaseTests
{
    public static TheoryData<string> Ids => ConformanceCase.Data(MonitoringCases.All.Keys);

    [Theory]
    [MemberData(nameof(Ids))]
    public Task Metrics_Page_IsAsTheOriginals(string id) => ConformanceCase.RunAsync(id, MonitoringCases.All[id]);
}
