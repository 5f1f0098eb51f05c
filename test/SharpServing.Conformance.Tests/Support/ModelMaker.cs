using Google.Protobuf;
using Tensorflow;

namespace SharpServing.Conformance.Tests.Support;

/// <summary>Writes a small SavedModel, one node a call. Each node gives one tensor, which has its name.</summary>
internal sealed class ModelMaker
{
    private readonly MetaGraphDef _meta = new()
    {
        MetaInfoDef = new MetaGraphDef.Types.MetaInfoDef { Tags = { "serve" } },
        GraphDef = new GraphDef { Library = new FunctionDefLibrary() },
    };

    public static AttrValue Type(DataType type) => new() { Type = type };

    public static AttrValue Types(params DataType[] types) => new() { List = new AttrValue.Types.ListValue { Type = { types } } };

    public static TensorShapeProto Shape(params long[] sizes)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(sizes.Select(size => new TensorShapeProto.Types.Dim { Size = size }));
        return shape;
    }

    public string Placeholder(string name, DataType type) => Node(name, "Placeholder", [], ("dtype", Type(type)), ("shape", Unknown()));

    public string Const(string name, TensorProto value) => Node(name, "Const", [], ("dtype", Type(value.Dtype)), ("value", new AttrValue { Tensor = value }));

    public string Node(string name, string op, string[] inputs, params (string Name, AttrValue Value)[] attributes)
    {
        var node = new NodeDef { Name = name, Op = op };
        node.Input.Add(inputs);
        foreach ((string attribute, AttrValue value) in attributes)
        {
            node.Attr[attribute] = value;
        }

        _meta.GraphDef.Node.Add(node);
        return name;
    }

    public void Function(FunctionDef function) => _meta.GraphDef.Library.Function.Add(function);

    /// <summary>Inputs and outputs are aliases, nodes and their types; shapes are unknown.</summary>
    public ModelMaker Signature(
        string name, string method, (string Alias, string Node, DataType Type)[] inputs, params (string Alias, string Node, DataType Type)[] outputs)
    {
        var signature = new SignatureDef { MethodName = method };
        foreach ((string alias, string node, DataType type) in inputs)
        {
            signature.Inputs[alias] = Info(node, type);
        }

        foreach ((string alias, string node, DataType type) in outputs)
        {
            signature.Outputs[alias] = Info(node, type);
        }

        _meta.SignatureDef[name] = signature;
        return this;
    }

    /// <summary>Version 1 below <paramref name="folder"/>, or another.</summary>
    /// <returns>The folder of the version.</returns>
    public string Save(string folder, string version = "1")
    {
        string target = Path.Combine(folder, version);
        Directory.CreateDirectory(target);
        var model = new Tensorflow.SavedModel { SavedModelSchemaVersion = 1, MetaGraphs = { _meta } };
        File.WriteAllBytes(Path.Combine(target, "saved_model.pb"), model.ToByteArray());
        return target;
    }

    private static AttrValue Unknown() => new() { Shape = new TensorShapeProto { UnknownRank = true } };

    private static TensorInfo Info(string node, DataType type) =>
        new() { Name = node + ":0", Dtype = type, TensorShape = new TensorShapeProto { UnknownRank = true } };
}
