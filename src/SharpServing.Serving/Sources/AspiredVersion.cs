namespace SharpServing.Serving;

/// <summary>A version that should be served, and its directory.</summary>
public readonly record struct AspiredVersion(long Version, string Path);
