using System.Reflection;

namespace SharpServing.Cli.Demo;

/// <summary>Files inside the program, under the names that the project file gives them.</summary>
internal static class Resources
{
    private static readonly Assembly Program = typeof(Resources).Assembly;

    /// <summary>Names that begin with a folder (<c>models/</c>), without it.</summary>
    public static IEnumerable<string> List(string folder)
    {
        foreach (string name in Program.GetManifestResourceNames())
        {
            if (name.StartsWith(folder, StringComparison.Ordinal))
            {
                yield return name[folder.Length..];
            }
        }
    }

    public static Stream Open(string name) =>
        Program.GetManifestResourceStream(name) ?? throw new FileNotFoundException($"{name} is not part of this program.");

    public static byte[] Read(string name)
    {
        using Stream stream = Open(name);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
