using SharpServing.Server.Hosting;

namespace SharpServing.Server.Startup;

/// <summary>What the program gives the server: its terminal, its clock, what reads models.</summary>
public sealed record ModelServerEnvironment
{
    /// <summary>Name of the environment variable that chooses the transport of connections.</summary>
    public const string TransportVariable = "SHARPSERVING_TRANSPORT";

    /// <summary>Name in the usage page (argv[0] of the original).</summary>
    public string ProgramName { get; init; } = "tensorflow_model_server";

    /// <summary>The usage page lists the flags that the original does not have, too.</summary>
    public bool ShowOwnFlags { get; init; }

    /// <summary>Standard output: usage, version, why the start failed.</summary>
    public required TextWriter Output { get; init; }

    public required ILogSink Log { get; init; }

    public required SavedModelOpener OpenSavedModel { get; init; }

    /// <summary>Pages beside the API on the REST port; null: the original's 404 page.</summary>
    public IPageSource? Pages { get; init; }

    /// <summary>Called once both front ends answer, with the ports that are bound.</summary>
    public Action<ServerHost>? Started { get; init; }

    /// <summary>What follows "TensorFlow ModelServer: " on <c>--version</c>.</summary>
    public string Version { get; init; } = "0.0.0";

    /// <summary>
    /// Value of <see cref="TransportVariable"/>: <c>sockets</c> for <see cref="Transport.Sockets"/>; null or empty: the default. Anything else
    /// is the default, too, and the log says so.
    /// </summary>
    public string? Transport { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
