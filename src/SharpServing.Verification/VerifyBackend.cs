using SharpServing.Runtime;
using Tensorflow;

namespace SharpServing.Verification;

/// <summary>What golden data is run on.</summary>
public abstract class VerifyBackend
{
    /// <summary>Makes a session of a graph, as <c>Session::Create</c>.</summary>
    /// <param name="allowSoftPlacement">A device that is not there is replaced instead of refused.</param>
    public abstract ServingStatus TryOpenGraph(GraphDef graph, bool allowSoftPlacement, out IGraphSession? session);

    /// <summary>Loads a SavedModel up to the end of its init op, as <c>LoadSavedModel</c>.</summary>
    public abstract ServingStatus TryOpenModel(
        string directory, IReadOnlyCollection<string> tags, bool allowSoftPlacement, out IGraphSession? session);

    /// <summary>True for a status that says: this op, type or attribute is not supported here (while TensorFlow has it).</summary>
    public abstract bool IsUnsupported(ServingStatus status);
}
