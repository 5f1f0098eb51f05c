using SharpServing.Runtime.OpDefs;
using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>What TensorFlow refuses when a graph is loaded, whether or not anything reaches it.</summary>
internal static class GraphValidator
{
    private const int OldestProducer = 0;
    private const int ThisVersion = 2700;

    /// <exception cref="StatusException">The refusal with TensorFlow's code and text.</exception>
    public static void Validate(GraphDef graph, GraphImporter importer)
    {
        VersionDef versions = graph.Versions ?? new VersionDef();
        if (versions.MinConsumer > ThisVersion)
        {
            throw StatusException.InvalidArgument(
                $"GraphDef min consumer version {versions.MinConsumer} above current version {ThisVersion} for TensorFlow 2.21.0.  Please upgrade TensorFlow.");
        }

        if (versions.Producer < OldestProducer)
        {
            throw StatusException.InvalidArgument(
                $"GraphDef producer version {versions.Producer} below min producer {OldestProducer} supported by TensorFlow 2.21.0.  Please regenerate your graph.");
        }

        foreach (NodeDef node in graph.Node)
        {
            OpDefinition definition = importer.FindDefinition(node.Op);
            AttributeValidator.Validate(node, definition);
        }
    }
}
