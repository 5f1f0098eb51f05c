using Google.Protobuf.Collections;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.OpDefs;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Import;

/// <summary>Makes unconnected <see cref="Node"/>s from NodeDefs.</summary>
internal sealed class NodeMaker
{
    private readonly FunctionLibrary _library;

    public NodeMaker(FunctionLibrary library) => _library = library;

    /// <param name="bindings">Attributes of the call, for placeholders in a function's body; <see langword="null"/> in the main graph.</param>
    /// <exception cref="StatusException">NOT_FOUND: no such op.</exception>
    public Node Make(NodeDef def, NodeOrigin? origin, MapField<string, AttrValue>? bindings)
    {
        OpDefinition definition = FindDefinition(def.Op);
        MapField<string, AttrValue> values = bindings is { Count: > 0 } ? Bind(def.Attr, bindings) : def.Attr;
        var attributes = new AttributeMap(values, definition);
        try
        {
            return new Node(def.Name, definition, attributes, ExpandTypes(definition.Outputs, attributes)) { Origin = origin };
        }
        catch (StatusException e)
        {
            throw Execution.NodeErrors.WithNode(e, def.Name, origin);
        }
    }

    public OpDefinition FindDefinition(string op) =>
        OpDefinitionTable.Find(op) ?? _library.FindDefinition(op) ?? throw UnknownOp(op);

    /// <summary>Dtypes of all tensors that a list of arguments stands for.</summary>
    public static DType[] ExpandTypes(IReadOnlyList<OpArgument> arguments, AttributeMap attributes)
    {
        var types = new List<DType>(arguments.Count);
        foreach (OpArgument argument in arguments)
        {
            if (argument.TypeListAttribute is { } list)
            {
                types.AddRange(attributes.Types(list));
                continue;
            }

            DType type = argument.TypeAttribute is { } name ? attributes.Type(name) : argument.Type;
            long count = argument.NumberAttribute is { } number ? attributes.Int(number) : 1;
            if (count is < 0 or > 1 << 20)
            {
                throw StatusException.InvalidArgument($"Value for number_attr {argument.NumberAttribute} < 0");
            }

            for (long i = 0; i < count; i++)
            {
                types.Add(type);
            }
        }

        return [.. types];
    }

    /// <summary>Index of an output argument's first tensor among all outputs of a node; -1: no such argument.</summary>
    public static int OutputOffset(OpDefinition definition, AttributeMap attributes, string argumentName)
    {
        int offset = 0;
        foreach (OpArgument argument in definition.Outputs)
        {
            if (argument.Name == argumentName)
            {
                return offset;
            }

            offset += argument.TypeListAttribute is { } list ? attributes.Types(list).Length
                : argument.NumberAttribute is { } number ? (int)attributes.Int(number)
                : 1;
        }

        return -1;
    }

    private static MapField<string, AttrValue> Bind(MapField<string, AttrValue> values, MapField<string, AttrValue> bindings)
    {
        MapField<string, AttrValue> bound = [];
        foreach ((string name, AttrValue value) in values)
        {
            bound[name] = value.ValueCase == AttrValue.ValueOneofCase.Placeholder && bindings.TryGetValue(value.Placeholder, out AttrValue? actual)
                ? actual
                : value;
        }

        return bound;
    }

    private static StatusException UnknownOp(string op) =>
        StatusException.NotFound(
            $"Op type not registered '{op}' in binary running on {Environment.MachineName}. Make sure the Op and Kernel are registered in the binary " +
            "running in this process. Note that if you are loading a saved graph which used ops from tf.contrib (e.g. `tf.contrib.resampler`), " +
            "accessing should be done before importing the graph, as contrib ops are lazily registered when the module is first accessed.");
}
