namespace SharpServing.Server.Startup;

/// <summary>Exit statuses of the server.</summary>
public static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The command line or the configuration was refused, or a model did not load.</summary>
    public const int StartFailed = 255;

    /// <summary>Where the original aborts; what a shell shows for it.</summary>
    public const int Aborted = 134;
}
