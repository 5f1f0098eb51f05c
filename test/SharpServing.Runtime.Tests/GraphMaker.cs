using SharpServing.Ops;
using SharpServing.Runtime.Sessions;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Tests;

/// <summary>Writes small GraphDefs, one node a call.</summary>
internal sealed class GraphMaker
{
    public GraphDef Graph { get; } = new() { Library = new FunctionDefLibrary() };

    public static AttrValue Type(DataType type) => new() { Type = type };

    public static AttrValue Function(string name) => new() { Func = new NameAttrList { Name = name } };

    public static AttrValue Types(params DataType[] types)
    {
        var list = new AttrValue.Types.ListValue();
        list.Type.Add(types);
        return new AttrValue { List = list };
    }

    public static NodeDef Node(string name, string op, string[] inputs, params (string Name, AttrValue Value)[] attributes)
    {
        var node = new NodeDef { Name = name, Op = op };
        node.Input.Add(inputs);
        foreach ((string attribute, AttrValue value) in attributes)
        {
            node.Attr[attribute] = value;
        }

        return node;
    }

    public static NodeDef FloatConst(string name, long[] shape, params float[] values)
    {
        var proto = new TensorProto { Dtype = DataType.DtFloat, TensorShape = new TensorShapeProto() };
        foreach (long size in shape)
        {
            proto.TensorShape.Dim.Add(new TensorShapeProto.Types.Dim { Size = size });
        }

        proto.FloatVal.Add(values);
        return Node(name, "Const", [], ("dtype", Type(DataType.DtFloat)), ("value", new AttrValue { Tensor = proto }));
    }

    public static NodeDef IntConst(string name, params int[] values)
    {
        var proto = new TensorProto { Dtype = DataType.DtInt32, TensorShape = new TensorShapeProto() };
        if (values.Length != 1)
        {
            proto.TensorShape.Dim.Add(new TensorShapeProto.Types.Dim { Size = values.Length });
        }

        proto.IntVal.Add(values);
        return Node(name, "Const", [], ("dtype", Type(DataType.DtInt32)), ("value", new AttrValue { Tensor = proto }));
    }

    public static FunctionDef MakeFunction(
        string name, (string Name, DataType Type)[] inputs, (string Name, DataType Type, string Source)[] outputs, params NodeDef[] nodes)
    {
        var function = new FunctionDef { Signature = new OpDef { Name = name } };
        foreach ((string input, DataType type) in inputs)
        {
            function.Signature.InputArg.Add(new OpDef.Types.ArgDef { Name = input, Type = type });
        }

        foreach ((string output, DataType type, string source) in outputs)
        {
            function.Signature.OutputArg.Add(new OpDef.Types.ArgDef { Name = output, Type = type });
            function.Ret[output] = source;
        }

        function.NodeDef.Add(nodes);
        return function;
    }

    public GraphMaker Add(params NodeDef[] nodes)
    {
        Graph.Node.Add(nodes);
        return this;
    }

    public GraphMaker AddFunction(FunctionDef function)
    {
        Graph.Library.Function.Add(function);
        return this;
    }

    public GraphMaker Placeholder(string name, DataType type = DataType.DtFloat) =>
        Add(Node(name, "Placeholder", [], ("dtype", Type(type)), ("shape", new AttrValue { Shape = new TensorShapeProto { UnknownRank = true } })));

    public GraphMaker Op(string name, string op, string[] inputs, DataType type = DataType.DtFloat, params (string Name, AttrValue Value)[] attributes) =>
        Add(Node(name, op, inputs, [("T", Type(type)), .. attributes]));

    public GraphSession Open(string passes = "") => new(Graph, OpCatalog.Registry, new GraphSessionOptions { GraphPasses = passes });

    public static float[] Run(GraphSession session, string feed, float[] value, string fetch)
    {
        Tensor input = Tensor.FromArray<float>(value, value.Length == 1 ? Shape.Scalar : new Shape(value.Length));
        Tensor?[] results = new Tensor?[1];
        session.TryPrepare([feed], [fetch], [], out GraphCallable? callable).ShouldBe(ServingStatus.Ok);
        callable!.Run([input], results, CancellationToken.None).ShouldBe(ServingStatus.Ok);
        float[] answer = results[0]!.Span<float>().ToArray();
        results[0]!.Release();
        input.Release();
        return answer;
    }
}
