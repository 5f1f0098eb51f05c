using SharpServing.Runtime;
using Tensorflow;

namespace SharpServing.Server.Services;

/// <summary>
/// What one loaded version of a SavedModel holds for the front ends: its signatures, ready for use, and its session. Thread-safe.
/// Owns the session.
/// </summary>
public sealed class SavedModelServable : IDisposable
{
    /// <param name="metaGraph">Only its signatures are read; the rest may have been dropped.</param>
    /// <param name="session">Becomes owned.</param>
    public SavedModelServable(MetaGraphDef metaGraph, IGraphSession session)
    {
        MetaGraph = metaGraph;
        Session = session;
    }

    public MetaGraphDef MetaGraph { get; }

    public IGraphSession Session { get; }

    public void Dispose() => Session.Dispose();
}
