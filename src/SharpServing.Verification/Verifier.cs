using System.Text.Json;
using SharpServing.SavedModel;

namespace SharpServing.Verification;

/// <summary>
/// Finds golden data below a path and runs it: files <c>OP.json</c>, folders with <c>graph.pb</c> and <c>case.json</c>, version folders
/// of SavedModels with <c>golden.json</c> or recorded warm-up requests, and <c>third_party/MODEL.json</c>.
/// </summary>
public sealed class Verifier
{
    private const string GoldenFile = "golden.json";
    private const string CaseFile = "case.json";

    private readonly VerifyBackend _backend;
    private readonly VerifyOptions _options;
    private readonly Action<VerifyResult> _report;

    /// <param name="report">Called for each case, on the caller's thread.</param>
    public Verifier(VerifyBackend backend, VerifyOptions options, Action<VerifyResult> report)
    {
        _backend = backend;
        _options = options;
        _report = report;
    }

    /// <returns>False when nothing was found there.</returns>
    /// <exception cref="IOException">The path cannot be read.</exception>
    public bool Run(string path)
    {
        path = Path.GetFullPath(path);
        if (File.Exists(path))
        {
            return RunFile(path);
        }

        return Directory.Exists(path) && RunFolder(path);
    }

    private bool RunFolder(string folder)
    {
        if (File.Exists(Path.Combine(folder, CaseFile)))
        {
            return RunFile(Path.Combine(folder, CaseFile));
        }

        if (File.Exists(Path.Combine(folder, GoldenFile)))
        {
            return RunFile(Path.Combine(folder, GoldenFile));
        }

        if (SavedModelReader.Exists(folder))
        {
            return RunWarmup(folder);
        }

        bool found = false;
        string[] files = Directory.GetFiles(folder, "*.json");
        Array.Sort(files, StringComparer.Ordinal);
        foreach (string file in files)
        {
            found |= RunFile(file);
        }

        string[] folders = Directory.GetDirectories(folder);
        Array.Sort(folders, StringComparer.Ordinal);
        foreach (string inner in folders)
        {
            found |= RunFolder(inner);
        }

        return found;
    }

    private bool RunFile(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        string name = Path.GetFileNameWithoutExtension(path);
        using JsonDocument? document = TryParse(path);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        JsonElement root = document.RootElement;
        if (root.TryGetProperty("op", out _) && root.TryGetProperty("cases", out _))
        {
            OpCases.Run(root, Context(Path.GetFileName(folder), name));
            return true;
        }

        if (root.TryGetProperty("model", out JsonElement model))
        {
            return RunThirdParty(folder, name, model.GetString()!, root);
        }

        // Answers of Keras files look like these, but lie beside neither a graph nor a SavedModel.
        string fileName = Path.GetFileName(path);
        if (fileName == CaseFile && root.TryGetProperty("runs", out _))
        {
            return RunGraph(folder, root, Context(Path.GetFileName(Path.GetDirectoryName(folder)!), Path.GetFileName(folder), folder + "/"));
        }

        return fileName == GoldenFile && root.TryGetProperty("requests", out _) && RunModel(folder, root);
    }

    private static bool RunGraph(string folder, JsonElement root, VerifyContext context)
    {
        if (context.IsUnitWanted)
        {
            GraphCases.Run(folder, root, context);
        }

        return true;
    }

    private bool RunModel(string folder, JsonElement root)
    {
        (string group, string unit) = NamesOf(folder);
        if (Context(group, unit).IsUnitWanted)
        {
            string directory = GoldenWeights.Materialize(folder, _options.Cache);
            ModelCases.Run(directory, root, Context(group, unit, directory));
        }

        return true;
    }

    /// <summary>The models lie in <c>models</c> beside the folder of golden data, published weights beside the file.</summary>
    private bool RunThirdParty(string folder, string name, string model, JsonElement root)
    {
        string group = Path.GetFileName(folder);
        if (!Context(group, name).IsUnitWanted)
        {
            return true;
        }

        string directory = Path.GetFullPath(Path.Combine(folder, "..", "..", "models", model));
        if (root.TryGetProperty("runs", out _))
        {
            return RunGraph(directory, root, Context(group, name, directory));
        }

        if (root.TryGetProperty("variables", out JsonElement variables))
        {
            directory = GoldenWeights.Materialize(directory, Path.Combine(folder, variables.GetString()!), _options.Cache);
        }

        ModelCases.Run(directory, root, Context(group, name, directory));
        return true;
    }

    private bool RunWarmup(string folder)
    {
        (string group, string unit) = NamesOf(folder);
        return WarmupCases.Run(folder, Context(group, unit, folder));
    }

    /// <summary>A version folder is called after its model: <c>models</c>, <c>half_plus_two/1</c>.</summary>
    private static (string Group, string Unit) NamesOf(string folder)
    {
        string model = Path.GetDirectoryName(folder)!;
        return (Path.GetFileName(Path.GetDirectoryName(model)) ?? "", $"{Path.GetFileName(model)}/{Path.GetFileName(folder)}");
    }

    private static JsonDocument? TryParse(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private VerifyContext Context(string group, string unit, string? folder = null) => new(_backend, _options, _report, group, unit, folder);
}
