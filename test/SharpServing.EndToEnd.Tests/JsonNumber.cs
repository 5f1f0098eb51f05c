namespace SharpServing.EndToEnd.Tests;

/// <summary>A number, NaN or Infinity as it stands in the text.</summary>
internal sealed record JsonNumber(string Text);
