using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Passes;

/// <summary>Powers with a constant exponent become products: x², x³, √x as TensorFlow's optimizer writes them.</summary>
internal sealed class ReduceStrength : IGraphPass
{
    public string Name => "reduce_strength";

    public void Run(Graph graph, PassContext context)
    {
        var replacements = new Dictionary<NodeOutput, NodeOutput>();
        foreach (Node node in GraphWalk.Reachable(graph))
        {
            if (node.Op != "Pow" || node.OutputTypes[0] != DType.Float || node.ControlInputs.Count > 0
                || node.Inputs[1].Constant is not { Rank: 0 } exponent)
            {
                continue;
            }

            NodeOutput x = node.Inputs[0];
            NodeOutput? power = exponent.Scalar<float>() switch
            {
                1f => x,
                2f => Make(node, "Square", x),
                3f => Make(node, "Mul", x, Make(node, "Square", x)),
                0.5f => Make(node, "Sqrt", x),
                -0.5f => Make(node, "Rsqrt", x),
                -1f => Make(node, "Reciprocal", x),
                _ => null,
            };
            if (power is { } replacement)
            {
                replacements[node.Output(0)] = replacement;
            }
        }

        graph.Redirect(replacements);
    }

    private static NodeOutput Make(Node source, string op, params ReadOnlySpan<NodeOutput> inputs)
    {
        OpDefinition definition = OpDefinitionTable.Find(op)!;
        var attributes = new AttributeMap(new() { ["T"] = new Tensorflow.AttrValue { Type = Tensorflow.DataType.DtFloat } }, definition);
        var node = new Node(source.Name, definition, attributes, [DType.Float]) { Origin = source.Origin };
        foreach (NodeOutput input in inputs)
        {
            node.Inputs.Add(input);
        }

        return node.Output(0);
    }
}
