using System.Text;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.SavedModel.Tests;

/// <summary>Runs the RestoreV2 nodes of a graph and its functions without a runtime: their names are constants.</summary>
internal static class GraphRestores
{
    /// <summary>What a load says up to the end of the restore.</summary>
    public static ServingStatus Load(string directory, params string[] tags)
    {
        ServingStatus status = SavedModelReader.TryRead(directory, tags, out SavedModelGraph? graph);
        if (!status.IsOk || graph!.VariablesPrefix is null)
        {
            return status;
        }

        GraphDef def = graph.MetaGraph.GraphDef;
        IEnumerable<IList<NodeDef>> bodies = [def.Node, .. (def.Library?.Function ?? []).Select(f => (IList<NodeDef>)f.NodeDef)];
        foreach (IList<NodeDef> body in bodies)
        {
            foreach (NodeDef node in body.Where(n => n.Op == "RestoreV2" && IsUsed(n, body)))
            {
                status = Restore(graph.VariablesPrefix, node, body);
                if (!status.IsOk)
                {
                    return status;
                }
            }
        }

        return status;
    }

    /// <summary>One whose values nobody takes is pruned.</summary>
    private static bool IsUsed(NodeDef node, IList<NodeDef> body) =>
        body.Any(n => n.Input.Any(i => i.Split(':')[0] == node.Name));

    private static ServingStatus Restore(string prefix, NodeDef node, IList<NodeDef> body)
    {
        string[] names = Strings(body, node.Input[1]);
        string[] slices = Strings(body, node.Input[2]);
        DType[] types = [.. node.Attr["dtypes"].List.Type.Select(t => DTypes.BaseOf((int)t))];
        var tensors = new Tensor?[names.Length];
        ServingStatus status = CheckpointRestore.RestoreV2(prefix, names, slices, types, tensors);
        foreach (Tensor? tensor in tensors)
        {
            (tensor is not null).ShouldBe(status.IsOk);
            tensor?.Release();
        }

        return status;
    }

    private static string[] Strings(IList<NodeDef> body, string input)
    {
        string name = input.Split(':')[0];
        TensorProto value = body.Single(n => n.Name == name).Attr["value"].Tensor;
        long count = value.TensorShape.Dim.Aggregate(1L, (product, dim) => product * dim.Size);
        return [.. Enumerable.Range(0, (int)count).Select(i => Encoding.UTF8.GetString(value.StringVal[Math.Min(i, value.StringVal.Count - 1)].Span))];
    }
}
