namespace SharpServing.Conformance.Tests;

/// <summary>Cases that are answered otherwise, and why. docs/compatibility.md names each.</summary>
internal static class Deviations
{
    private const string Lite = "TensorFlow Lite models are not run";

    public static readonly IReadOnlyDictionary<string, string> Reasons = new Dictionary<string, string>
    {
        ["D034"] = Lite,
        ["G040"] = "the ops of TensorFlow Text are not built in",
        ["G041"] = Lite,
        ["G042"] = Lite,
        ["W101"] = Lite,
        ["W102"] = Lite,
        ["W102a"] = Lite,
        ["W103"] = Lite,
        ["W104"] = Lite,
    };

    /// <summary>What is being built. These rows go; they do not count as deviations.</summary>
    public static readonly IReadOnlyDictionary<string, string> NotBuiltYet = new Dictionary<string, string>
    {
        ["G706"] = "server reflection",
    };

    public static string? Find(string id) => Reasons.GetValueOrDefault(id) ?? NotBuiltYet.GetValueOrDefault(id);
}
