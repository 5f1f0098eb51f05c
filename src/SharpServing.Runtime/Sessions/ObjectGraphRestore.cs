using SharpServing.Runtime.Resources;
using SharpServing.SavedModel;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Sessions;

/// <summary>
/// Variables that the restore op leaves out: an export may have a restore op for copies of its variables only (Keras 3 does it when a
/// list of variables is tracked). The checkpoint's object graph still names them; the original answers FAILED_PRECONDITION instead.
/// </summary>
internal static class ObjectGraphRestore
{
    private const string ObjectGraphKey = "_CHECKPOINTABLE_OBJECT_GRAPH";

    /// <summary>Gives every variable of the session that was never assigned the checkpoint's value of that name, where there is one.</summary>
    public static void Run(string prefix, SessionState session)
    {
        List<ResourceHandle> missing = [.. session.Handles.Where(handle =>
            handle.Kind == ResourceKinds.Variable && handle.Resource is not Variable { IsInitialized: true })];
        if (missing.Count == 0 || !CheckpointRestore.TryOpen(prefix, out ICheckpointReader? reader).IsOk)
        {
            return;
        }

        using (reader)
        {
            Dictionary<string, string> keys = ReadKeys(reader!);
            foreach (ResourceHandle handle in missing)
            {
                if (keys.TryGetValue(handle.Name, out string? key) && reader!.TryRead(key, "", out Tensor? value).IsOk)
                {
                    if (value!.DType == handle.ElementType)
                    {
                        handle.GetOrCreate(static () => new Variable()).Assign(value);
                    }
                    else
                    {
                        value.Release();
                    }
                }
            }
        }
    }

    /// <summary>Full name of a variable → key of its value.</summary>
    private static Dictionary<string, string> ReadKeys(ICheckpointReader reader)
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!reader.TryRead(ObjectGraphKey, "", out Tensor? text).IsOk)
        {
            return keys;
        }

        TrackableObjectGraph graph = TrackableObjectGraph.Parser.ParseFrom(text!.String(0));
        text.Release();
        foreach (TrackableObjectGraph.Types.TrackableObject node in graph.Nodes)
        {
            foreach (TrackableObjectGraph.Types.TrackableObject.Types.SerializedTensor attribute in node.Attributes)
            {
                if (attribute.Name == "VARIABLE_VALUE" && attribute.FullName.Length > 0)
                {
                    keys.TryAdd(attribute.FullName, attribute.CheckpointKey);
                }
            }
        }

        return keys;
    }
}
