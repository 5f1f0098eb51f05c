using SharpServing.Runtime.Graphs;
using Tensorflow;
using NodeOutput = SharpServing.Runtime.Graphs.NodeOutput;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// Finds the calls that TensorFlow does not inline, which its errors name: of functions that are one of several implementations (as the LSTM and
/// GRU of Keras 2 are) or ask for it. It makes a copy of the function for a call with constant inputs or unused outputs.
/// Source: grappler/optimizers/function_optimizer.cc.
/// </summary>
internal sealed class KeptCalls
{
    private readonly HashSet<NodeOutput> _used = [];

    public KeptCalls(Graph graph, IEnumerable<Node> reachable)
    {
        _used.UnionWith(graph.Results);
        foreach (Node node in reachable)
        {
            _used.UnionWith(node.Inputs);
        }
    }

    /// <param name="path">The calling node's name, with those that were inlined around it.</param>
    /// <returns><see langword="null"/>: TensorFlow inlines the call.</returns>
    public KeptCall? Find(Node call, FunctionDef function, string path)
    {
        bool isKept = function.Attr.ContainsKey("api_implements") || (function.Attr.TryGetValue("_noinline", out AttrValue? noInline) && noInline.B);
        if (!isKept)
        {
            return null;
        }

        bool isCopied = call.Inputs.Exists(input => input.Node.Op == "Const")
            || Enumerable.Range(0, call.OutputTypes.Length).Any(i => !_used.Contains(call.Output(i)));
        string name = function.Signature.Name;
        return new KeptCall(
            name, isCopied ? $"{name}_specialized_for_{path.Replace('/', '_')}_at_tf_graph" : name, path, call.Origin?.Kept);
    }
}
