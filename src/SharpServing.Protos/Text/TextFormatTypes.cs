using Google.Protobuf.Reflection;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Protos.Text;

/// <summary>The messages that a <c>google.protobuf.Any</c> may name: those of this project.</summary>
internal static class TextFormatTypes
{
    private static readonly Lazy<Dictionary<string, MessageDescriptor>> All = new(Collect);

    /// <returns><see langword="null"/> for another host and for a type that is not linked in.</returns>
    public static MessageDescriptor? Find(string host, string typeName) =>
        host is "type.googleapis.com" or "type.googleprod.com" ? All.Value.GetValueOrDefault(typeName) : null;

    private static Dictionary<string, MessageDescriptor> Collect()
    {
        var found = new Dictionary<string, MessageDescriptor>();
        var seen = new HashSet<string>();
        AddFile(SavedModel.Descriptor.File, found, seen);
        AddFile(SavedTensorSlices.Descriptor.File, found, seen);
        AddFile(TrackableObjectGraph.Descriptor.File, found, seen);
        AddFile(ModelServerConfig.Descriptor.File, found, seen);
        AddFile(PlatformConfigMap.Descriptor.File, found, seen);
        AddFile(SavedModelBundleSourceAdapterConfig.Descriptor.File, found, seen);
        AddFile(ThreadPoolFactoryConfig.Descriptor.File, found, seen);
        AddFile(PredictionLog.Descriptor.File, found, seen);
        return found;
    }

    private static void AddFile(FileDescriptor file, Dictionary<string, MessageDescriptor> found, HashSet<string> seen)
    {
        if (!seen.Add(file.Name))
        {
            return;
        }

        AddTypes(file.MessageTypes, found);
        foreach (FileDescriptor dependency in file.Dependencies)
        {
            AddFile(dependency, found, seen);
        }
    }

    private static void AddTypes(IList<MessageDescriptor> types, Dictionary<string, MessageDescriptor> found)
    {
        foreach (MessageDescriptor type in types)
        {
            // A map's entry has no class, so nothing can be read into it.
            if (type.ClrType is not null)
            {
                found.TryAdd(type.FullName, type);
                AddTypes(type.NestedTypes, found);
            }
        }
    }
}
