namespace SharpServing.Conformance.Tests.Loading;

/// <summary>Section W.</summary>
public sealed class LoadingCaseTests
{
    private static readonly Dictionary<string, Func<Task>> Cases = WarmupCases.Tests.Concat(LiteCases.Tests).ToDictionary();

    public static TheoryData<string> Ids => ConformanceCase.Data(Cases.Keys);

    [Theory]
    [MemberData(nameof(Ids))]
    public Task Load_OfModel_DoesAsTheOriginal(string id) => ConformanceCase.RunAsync(id, Cases[id]);
}
