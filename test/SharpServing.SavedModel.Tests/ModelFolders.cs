using SharpServing.TestSupport;
using SharpServing.Verification;

namespace SharpServing.SavedModel.Tests;

/// <summary>Every version folder of a SavedModel in the shared data.</summary>
internal static class ModelFolders
{
    private static readonly string[] Roots = ["models", "golden/models", "golden/perf", "demo"];

    /// <summary>Paths relative to the shared data.</summary>
    public static IEnumerable<string> All() =>
        Roots.SelectMany(root => Directory.EnumerateFiles(SharedData.PathOf(root), "saved_model.pb*", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(SharedData.Root, Path.GetDirectoryName(file)!))
            .Distinct().Order(StringComparer.Ordinal);

    /// <summary>Full path, with the weights that the shared data only describes.</summary>
    public static string Materialize(string relative) =>
        GoldenWeights.Materialize(SharedData.PathOf(relative), SharedData.Cache);

    public static string CopyToTemporary(string folder)
    {
        string target = Path.Combine(SharedData.Cache, "temporary", Guid.NewGuid().ToString("N"));
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return target;
    }
}
