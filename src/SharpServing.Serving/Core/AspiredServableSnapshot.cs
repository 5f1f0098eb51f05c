namespace SharpServing.Serving;

/// <summary>What a policy sees of one version.</summary>
public readonly record struct AspiredServableSnapshot(long Version, HarnessState State, bool IsAspired);
