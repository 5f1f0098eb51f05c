using System.Diagnostics.CodeAnalysis;
using SharpServing.Runtime;
using Tensorflow;

namespace SharpServing.Server.Services;

/// <summary>
/// What one loaded version of a SavedModel holds for the front ends: its signatures, ready for use, and its session. Thread-safe.
/// Owns the session.
/// </summary>
public sealed class SavedModelServable : IDisposable
{
    /// <summary>The signature that is meant when a request names none.</summary>
    public const string DefaultSignature = "serving_default";

    private readonly Dictionary<string, SignatureModel> _signatures = [];

    /// <param name="metaGraph">Only its signatures are read; the rest may have been dropped.</param>
    /// <param name="session">Becomes owned.</param>
    public SavedModelServable(MetaGraphDef metaGraph, IGraphSession session)
    {
        MetaGraph = metaGraph;
        Session = session;
        foreach ((string name, SignatureDef definition) in metaGraph.SignatureDef)
        {
            _signatures[name] = new SignatureModel(name, definition, session);
        }
    }

    public MetaGraphDef MetaGraph { get; }

    public IGraphSession Session { get; }

    public bool TryGetSignature(string name, [NotNullWhen(true)] out SignatureModel? signature) => _signatures.TryGetValue(name, out signature);

    public void Dispose()
    {
        foreach (SignatureModel signature in _signatures.Values)
        {
            signature.Release();
        }

        Session.Dispose();
    }
}
