using SharpServing.Server.Services;

namespace SharpServing.Server.Startup;

/// <summary>Reads a SavedModel and makes it ready to serve. Throws <see cref="StatusException"/> with TensorFlow's code and text.</summary>
/// <param name="directory">Version directory on the local disk.</param>
/// <param name="tags">Tag set of the MetaGraph; order does not matter.</param>
/// <param name="cancellation">The version is not wanted any more.</param>
public delegate SavedModelServable SavedModelOpener(string directory, IReadOnlyList<string> tags, CancellationToken cancellation);
