namespace SharpServing.EndToEnd.Tests;

/// <summary>One version of a model with TensorFlow's answers.</summary>
/// <param name="Name">What the theory shows.</param>
/// <param name="Version">Name of the folder as a number.</param>
/// <param name="Model">The name it is served under.</param>
/// <param name="Directory">The version folder, weights in place.</param>
/// <param name="GoldenFile">Requests and answers.</param>
/// <param name="IsChecked">The serving layer's checks were in front of the session when the answers were made.</param>
internal sealed record ServedUnit(string Name, string Model, long Version, string Directory, string GoldenFile, bool IsChecked);
