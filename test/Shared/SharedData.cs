namespace SharpServing.TestSupport;

/// <summary>Finds the reference and golden data: SHARPSERVING_SHARED, else the folder <c>shared</c> beside the repository or one of its parents.</summary>
internal static class SharedData
{
    public static string RepositoryRoot { get; } = FindRoot();

    public static string Root { get; } =
        Environment.GetEnvironmentVariable("SHARPSERVING_SHARED") is { Length: > 0 } named ? named : FindShared();

    /// <summary>A folder of the build outputs for what tests make once and keep.</summary>
    public static string Cache { get; } = Path.Combine(RepositoryRoot, "artifacts", "golden-cache");

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindShared()
    {
        for (DirectoryInfo? folder = new DirectoryInfo(RepositoryRoot).Parent; folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, "shared", "golden")))
            {
                return Path.Combine(folder.FullName, "shared");
            }
        }

        throw new InvalidOperationException($"There is no folder shared/golden beside {RepositoryRoot}; SHARPSERVING_SHARED may name it.");
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SharpServing.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"SharpServing.slnx is not above {AppContext.BaseDirectory}.");
    }
}
