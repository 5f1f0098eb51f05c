using System.Globalization;
using SharpServing.TestSupport;

namespace SharpServing.Conformance.Tests.Versions;

/// <summary>A base path whose versions are links to HP2, and are changed while it is served.</summary>
internal sealed class VersionFolder : IDisposable
{
    private static readonly string Model = SharedData.PathOf("models", "tfs_half_plus_two_cpu", "00000123");

    public VersionFolder(params string[] names)
    {
        foreach (string name in names)
        {
            Add(name);
        }
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("conformance-versions-").FullName;

    public void Add(string name) => Directory.CreateSymbolicLink(Path.Combine(Root, name), Model);

    public void Add(long version) => Add(version.ToString(CultureInfo.InvariantCulture));

    /// <summary>A version without a graph.</summary>
    public void AddBroken(long version) => Directory.CreateDirectory(PathOf(version));

    public void Remove(long version) => Directory.Delete(PathOf(version));

    public void Dispose()
    {
        foreach (string version in Directory.GetDirectories(Root))
        {
            Directory.Delete(version);      // a link, or empty
        }

        Directory.Delete(Root);
    }

    private string PathOf(long version) => Path.Combine(Root, version.ToString(CultureInfo.InvariantCulture));
}
