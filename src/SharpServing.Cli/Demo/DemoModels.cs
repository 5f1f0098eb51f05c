using System.Text;

namespace SharpServing.Cli.Demo;

/// <summary>The built-in models in a folder of their own below the temporary one, removed at the end.</summary>
internal sealed class DemoModels : IDisposable
{
    private const string Folder = "models/";

    private readonly string _root;

    private DemoModels(string root)
    {
        _root = root;
        ConfigFile = Path.Combine(root, "models.config");
    }

    /// <summary>Lists all of them, for <c>--model_config_file</c>.</summary>
    public string ConfigFile { get; }

    public static DemoModels Extract()
    {
        var models = new DemoModels(Directory.CreateTempSubdirectory("sharpserving-demo-").FullName);
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string name in Resources.List(Folder))
        {
            string path = Path.Combine(models._root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using FileStream file = File.Create(path);
            using Stream resource = Resources.Open(Folder + name);
            resource.CopyTo(file);
            names.Add(name[..name.IndexOf('/')]);
        }

        var config = new StringBuilder("model_config_list {\n");
        foreach (string name in names)
        {
            config.Append("  config { name: \"").Append(name).Append("\" base_path: \"").Append(models._root).Append('/').Append(name)
                .Append("\" model_platform: \"tensorflow\" }\n");
        }

        File.WriteAllText(models.ConfigFile, config.Append("}\n").ToString());
        return models;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
