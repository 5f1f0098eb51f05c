namespace SharpServing.Conformance.Tests;

/// <param name="Reason">Why the case is answered otherwise.</param>
/// <param name="Sign">What its failure says, so that it does not hide another; null: the case cannot be tried.</param>
internal sealed record Deviation(string Reason, string? Sign);
