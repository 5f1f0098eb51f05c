using SharpServing.Ops;
using SharpServing.SavedModel;
using SharpServing.Server.Services;
using SharpServing.Server.Startup;

namespace SharpServing.Server.Tests.Support;

/// <summary>Reads the models of the transcripts with the managed runtime.</summary>
internal static class RecordedModels
{
    private static readonly SavedModelOpener Opener = SavedModelOpeners.ForRegistry(static () => OpCatalog.Registry);

    /// <summary>A model that does not load is served with its signatures, and each call of it gives the reason.</summary>
    public static SavedModelServable Open(string directory, IReadOnlyList<string> tags, CancellationToken cancellation)
    {
        try
        {
            return Opener(directory, tags, cancellation);
        }
        catch (StatusException e)
        {
            ServingStatus status = SavedModelReader.TryRead(directory, tags, out SavedModelGraph? graph);
            return status.IsOk ? new SavedModelServable(graph!.MetaGraph, new FailedSession(e.Status)) : throw new StatusException(status);
        }
    }
}
