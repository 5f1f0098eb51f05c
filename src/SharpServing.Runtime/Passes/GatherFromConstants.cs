using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.OpDefs;
using SharpServing.Runtime.Resources;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Passes;

/// <summary>ResourceGather from a variable that nothing writes → GatherV2 from a constant.</summary>
internal sealed class GatherFromConstants : IGraphPass
{
    public string Name => "gather_from_constants";

    public void Run(Graph graph, PassContext context)
    {
        if (!context.Session.IsFrozen)
        {
            return;
        }

        foreach (Node node in GraphWalk.Reachable(graph))
        {
            if (node.Op != "ResourceGather" || node.Inputs[0].Constant is not { } reference
                || reference.Objects is not [ResourceHandle { Resource: Variable variable } handle, ..]
                || context.Session.IsWritten(handle) || variable.Read() is not { } value)
            {
                continue;
            }

            long batch = node.Attributes.Int("batch_dims");
            var attributes = new AttributeMap(new() { ["batch_dims"] = new AttrValue { I = batch } }, OpDefinitionTable.Find("GatherV2"));
            node.Inputs[0] = Graph.MakeConstant(node.Name, value).Output(0);
            node.Inputs.Add(Graph.MakeConstant(node.Name, Tensor.FromScalar((int)batch)).Output(0));
            node.Definition = OpDefinitionTable.Find("GatherV2")!;
            node.Attributes = attributes;
        }
    }
}
