using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Sessions;
using SharpServing.Server.Services;
using SharpServing.Server.Services.Inference;
using Tensorflow;

namespace SharpServing.Server.Startup;

/// <summary>The managed runtime as <see cref="SavedModelOpener"/>.</summary>
public static class SavedModelOpeners
{
    /// <summary>Opens SavedModels with the ops of a registry; of the MetaGraph only the signatures stay in memory.</summary>
    public static SavedModelOpener ForRegistry(Func<OpRegistry> registry) => (directory, tags, _) =>
    {
        var options = new GraphSessionOptions { RunsWithOthers = InferenceMethod.MayTake };
        SavedModelBundle bundle = SavedModelBundle.Load(directory, tags, registry(), options);
        var signatures = new MetaGraphDef();
        signatures.SignatureDef.Add(bundle.MetaGraph.SignatureDef);
        return new SavedModelServable(signatures, bundle.Session);
    };
}
