namespace SharpServing.Cli.Commands;

/// <summary><c>sharpserving version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>As MSBuild has it: 0.1.0.</summary>
    public static string Version => typeof(VersionCommand).Assembly.GetName().Version is { } version ? version.ToString(3) : "0.0.0";

    public static async Task<int> RunAsync()
    {
        await Console.Out.WriteLineAsync($"SharpServing {Version}");
        return 0;
    }
}
