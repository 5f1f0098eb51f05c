using SharpServing.Server.Services;

namespace SharpServing.Cli.Serve;

/// <summary>Reads SavedModels with the ops that this program links.</summary>
internal static class SavedModels
{
    public static SavedModelServable Open(string directory, IReadOnlyList<string> tags, CancellationToken cancellation) =>
        throw StatusException.Unimplemented("The graph runtime is not linked in yet.");
}
