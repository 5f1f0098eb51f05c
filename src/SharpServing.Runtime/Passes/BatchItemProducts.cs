using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;
using Tensorflow;
using NodeOutput = SharpServing.Runtime.Graphs.NodeOutput;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// In the body of a loop: the product of an item of a list that the loop only passes on with constant weights → <c>_ItemMatMul</c>, which
/// multiplies several items at once. It is the input's part of a recurrent cell: one pass over the weights instead of one a step.
/// </summary>
internal sealed class BatchItemProducts : IGraphPass
{
    public const string ItemMatMul = "_ItemMatMul";

    static BatchItemProducts() => OpDefinitionTable.AddInternal(
        $"{ItemMatMul}\titem:=float weights:=float list:=variant index:=int32\tproduct:=float\ttranspose_a:bool=false transpose_b:bool=false\t");

    public string Name => "batch_item_products";

    public void Run(Graph graph, PassContext context)
    {
        var replacements = new Dictionary<NodeOutput, NodeOutput>();
        foreach (Node node in GraphWalk.Reachable(graph))
        {
            if (node is not { Op: "MatMul", OutputTypes: [DType.Float], ControlInputs.Count: 0 } || node.Attributes.Bool("transpose_a")
                || node.Inputs[1].Constant is not { Rank: 2 }
                || node.Inputs[0].Node is not { Op: "TensorListGetItem" } read || !IsPassedOn(read.Inputs[0], graph))
            {
                continue;
            }

            OpDefinition definition = OpDefinitionTable.Find(ItemMatMul)!;
            var attributes = new AttributeMap(
                new() { ["transpose_b"] = new AttrValue { B = node.Attributes.Bool("transpose_b") } }, definition);
            var product = new Node(node.Name, definition, attributes, [DType.Float]) { Origin = node.Origin };
            product.Inputs.AddRange([node.Inputs[0], node.Inputs[1], read.Inputs[0], read.Inputs[1]]);
            replacements[node.Output(0)] = product.Output(0);
        }

        graph.Redirect(replacements);
    }

    private static bool IsPassedOn(NodeOutput list, Graph graph) =>
        list.Node is { Op: Graph.ArgumentOp, ArgumentIndex: var index } && index < graph.Results.Count && graph.Results[index] == list;
}
