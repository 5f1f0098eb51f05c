namespace SharpServing.TestSupport;

/// <summary>Finds the reference and golden data: SHARPSERVING_SHARED, else the folder <c>shared</c> beside the repository.</summary>
internal static class SharedData
{
    public static string RepositoryRoot { get; } = FindRoot();

    public static string Root { get; } =
        Environment.GetEnvironmentVariable("SHARPSERVING_SHARED") is { Length: > 0 } named ? named : Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared"));

    /// <summary>A folder of the build outputs for what tests make once and keep.</summary>
    public static string Cache { get; } = Path.Combine(RepositoryRoot, "artifacts", "golden-cache");

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

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
