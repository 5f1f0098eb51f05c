using Google.Protobuf.Collections;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.OpDefs;
using Tensorflow;
using NodeOutput = SharpServing.Runtime.Graphs.NodeOutput;

namespace SharpServing.Runtime.Import;

/// <summary>References to TensorFlow 1 variables: a read stands wherever one goes into an input that takes a value.</summary>
internal static class ReferenceReads
{
    private const string ReadOp = "_ReadReference";

    /// <summary>Name of the node that gave out the reference, for the text of a missing value.</summary>
    private const string SourceAttribute = "_source";

    static ReferenceReads() => OpDefinitionTable.AddInternal($"{ReadOp}\tref:&T\tvalue:T\tT:type\tstateful");

    public static bool IsReference(NodeOutput output)
    {
        int index = output.Index;
        IReadOnlyList<OpArgument> outputs = output.Node.Definition.Outputs;
        return index < outputs.Count && outputs[index].IsReference;
    }

    /// <summary>Inserts a read before every input that takes a value but is wired to a reference.</summary>
    public static void Insert(Graph graph)
    {
        foreach (Node node in GraphWalk.Reachable(graph))
        {
            int position = 0;
            foreach (OpArgument argument in node.Definition.Inputs)
            {
                int count = argument.TypeListAttribute is { } list ? node.Attributes.Types(list).Length
                    : argument.NumberAttribute is { } number ? (int)node.Attributes.Int(number)
                    : 1;
                for (int i = 0; i < count; i++, position++)
                {
                    if (!argument.IsReference && IsReference(node.Inputs[position]))
                    {
                        node.Inputs[position] = MakeRead(node.Inputs[position], node.Name, node.ControlInputs, node.Origin);
                    }
                }
            }
        }

        for (int i = 0; i < graph.Results.Count; i++)
        {
            if (IsReference(graph.Results[i]))
            {
                graph.Results[i] = MakeRead(graph.Results[i], graph.Results[i].Node.Name, [], null);
            }
        }
    }

    private static NodeOutput MakeRead(NodeOutput reference, string reader, List<Node> controls, NodeOrigin? origin)
    {
        OpDefinition definition = OpDefinitionTable.Find(ReadOp)!;
        var source = new AttrValue { S = Google.Protobuf.ByteString.CopyFromUtf8(reference.Node.Name) };
        var attributes = new AttributeMap(new MapField<string, AttrValue> { [SourceAttribute] = source }, null);
        var read = new Node(reader, definition, attributes, [reference.Type]) { Origin = origin };
        read.Inputs.Add(reference);
        read.ControlInputs.AddRange(controls);
        return read.Output(0);
    }
}
