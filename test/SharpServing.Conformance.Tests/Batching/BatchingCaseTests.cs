namespace SharpServing.Conformance.Tests.Batching;

/// <summary>Section K.</summary>
public sealed class BatchingCaseTests
{
    public static TheoryData<string> Ids => ConformanceCase.Data(BatchingCases.Tests.Keys);

    [Theory]
    [MemberData(nameof(Ids))]
    public Task Batches_OfRequests_AreMadeAsByTheOriginal(string id) => ConformanceCase.RunAsync(id, BatchingCases.Tests[id]);
}
