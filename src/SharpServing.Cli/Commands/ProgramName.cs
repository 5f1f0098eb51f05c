namespace SharpServing.Cli.Commands;

/// <summary>The name that the program was started under.</summary>
internal static class ProgramName
{
    public const string Own = "sharpserving";

    public const string ModelServer = "tensorflow_model_server";

    /// <summary>
    /// argv[0] without its folder. On Linux from the kernel, since .NET resolves symbolic links; a hard link or a copy shows its own
    /// name either way.
    /// </summary>
    public static string Get()
    {
        const string CommandLine = "/proc/self/cmdline";
        string path = Environment.ProcessPath ?? Own;
        if (OperatingSystem.IsLinux() && File.Exists(CommandLine))
        {
            path = File.ReadAllText(CommandLine).Split('\0')[0];
        }

        return Path.GetFileName(path);
    }
}
