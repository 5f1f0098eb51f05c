namespace SharpServing.Verification;

/// <summary>The result of one case.</summary>
/// <param name="Group">Kind of data: <c>ops</c>, <c>graphs</c>, <c>models</c>, …</param>
/// <param name="Unit">Op, graph or model.</param>
/// <param name="Case">Id of the case, or the number of the run or request.</param>
/// <param name="Detail">The difference, or why it was refused; empty when it passed.</param>
public sealed record VerifyResult(string Group, string Unit, string Case, VerifyOutcome Outcome, string Detail);
