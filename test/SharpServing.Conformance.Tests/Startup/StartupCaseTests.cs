namespace SharpServing.Conformance.Tests.Startup;

/// <summary>Section S.</summary>
public sealed class StartupCaseTests
{
    public static TheoryData<string> Ids => ConformanceCase.Data(StartupCases.All.Keys);

    [Theory]
    [MemberData(nameof(Ids))]
    public Task Start_Flags_DoAsTheOriginal(string id) => ConformanceCase.RunAsync(id, StartupCases.All[id]);
}
