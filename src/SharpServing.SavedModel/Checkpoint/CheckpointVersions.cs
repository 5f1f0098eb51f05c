using Tensorflow;

namespace SharpServing.SavedModel;

/// <summary>TensorFlow's rules on the versions written into a file (tensorflow/core/util/versions.cc).</summary>
internal static class CheckpointVersions
{
    private const string TensorFlowVersion = "2.21.0";

    /// <param name="consumer">Newest version that we read.</param>
    /// <param name="what">The noun of the text: <c>bundle</c>, <c>checkpoint</c>.</param>
    public static ServingStatus Check(VersionDef? versions, int consumer, string what)
    {
        if (versions is null)
        {
            return ServingStatus.Ok;
        }

        if (versions.Producer < 0)
        {
            return ServingStatus.InvalidArgument(
                $"Checkpoint producer version {versions.Producer} below min producer 0 supported by TensorFlow {TensorFlowVersion}.  Please regenerate your {what}.");
        }

        if (versions.MinConsumer > consumer)
        {
            return ServingStatus.InvalidArgument(
                $"Checkpoint min consumer version {versions.MinConsumer} above current version {consumer} for TensorFlow {TensorFlowVersion}.  Please upgrade TensorFlow.");
        }

        return versions.BadConsumers.Contains(consumer)
            ? ServingStatus.InvalidArgument(
                $"Checkpoint disallows consumer version {consumer}.  Please upgrade TensorFlow: this version is likely buggy.")
            : ServingStatus.Ok;
    }
}
