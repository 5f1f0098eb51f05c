using SharpServing.SavedModel;
using SharpServing.Server.Services;

namespace SharpServing.Server.Tests.Support;

/// <summary>Reads the recorded models.</summary>
internal static class TestModels
{
    public static SavedModelServable Open(string directory, IReadOnlyList<string> tags, CancellationToken cancellation)
    {
        ServingStatus status = SavedModelReader.TryRead(directory, tags, out SavedModelGraph? graph);
        return status.IsOk ? new SavedModelServable(graph!.MetaGraph, new TinyGraph(graph.MetaGraph.GraphDef)) : throw new StatusException(status);
    }
}
