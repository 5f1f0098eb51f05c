namespace SharpServing.Conformance.Tests.Versions;

/// <summary>Section V.</summary>
public sealed class VersionCaseTests
{
    private static readonly Dictionary<string, Func<Task>> Cases = VersionCases.Tests.Concat(PolicyCases.Tests).ToDictionary();

    public static TheoryData<string> Ids => ConformanceCase.Data(Cases.Keys);

    [Theory]
    [MemberData(nameof(Ids))]
    public Task Versions_OfModels_AreManagedAsByTheOriginal(string id) => ConformanceCase.RunAsync(id, Cases[id]);
}
