namespace SharpServing.Conformance.Tests;

/// <summary>Cases that are answered otherwise, and why. docs/compatibility.md names each.</summary>
internal static class Deviations
{
    private static readonly Deviation Lite = new("TensorFlow Lite models are not run", "TensorFlow Lite models are not supported yet");

    public static readonly IReadOnlyDictionary<string, Deviation> All = new Dictionary<string, Deviation>
    {
        ["D034"] = Lite,
        ["G040"] = new("the ops of TensorFlow Text are not built in, and there is no such model", null),
        ["G041"] = Lite,
        ["G042"] = Lite,
        ["W101"] = Lite,
        ["W102"] = Lite,
        ["W102a"] = Lite,
        ["W103"] = Lite,
        ["W104"] = Lite,
    };
}
