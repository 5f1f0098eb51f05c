namespace SharpServing.Ops.Strings.Re2;

/// <summary>A pattern that is not in RE2's syntax, with RE2's text; may quote bytes as <see cref="StatusText"/> holds them.</summary>
internal sealed class Re2SyntaxException(string message) : Exception(message);
