namespace SharpServing.Serving;

/// <summary>Source adapter: makes the loader for a version directory. Cheap; nothing is read yet.</summary>
public interface ILoaderFactory
{
    /// <summary>Whether it can make loaders at all; a configuration that needs one which cannot is refused with this.</summary>
    ServingStatus Availability => ServingStatus.Ok;

    /// <summary>Makes a loader.</summary>
    /// <param name="id">Which version.</param>
    /// <param name="path">Version directory as the source found it; may carry a <c>file://</c> scheme (see <see cref="StoragePath"/>).</param>
    ILoader Create(ServableId id, string path);
}
