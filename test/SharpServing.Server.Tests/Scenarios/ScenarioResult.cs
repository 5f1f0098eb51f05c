namespace SharpServing.Server.Tests.Scenarios;

/// <param name="Compared">How many things were compared.</param>
/// <param name="Differences">What differed.</param>
/// <param name="Took">How long the play took.</param>
internal sealed record ScenarioResult(int Compared, IReadOnlyList<string> Differences, TimeSpan Took)
{
    public required bool IsAsExpected { get; init; }
}
