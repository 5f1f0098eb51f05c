namespace SharpServing.Serving;

/// <summary>A servable stream and where its versions appear.</summary>
/// <param name="Name">Name of the stream.</param>
/// <param name="BasePath">Directory whose children are versions; absolute, or a URI.</param>
/// <param name="Policy">Which versions are aspired.</param>
public sealed record MonitoredServable(string Name, string BasePath, ServableVersionPolicy Policy);
