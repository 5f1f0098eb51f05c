using Tensorflow;

namespace SharpServing.Conformance.Tests.Support;

/// <summary>Writes a function with one float argument and one float result.</summary>
internal sealed class FunctionMaker
{
    private readonly FunctionDef _function;
    private readonly string _result;

    public FunctionMaker(string name, string argument, string result)
    {
        Name = name;
        _result = result;
        _function = new FunctionDef
        {
            Signature = new OpDef
            {
                Name = name,
                InputArg = { new OpDef.Types.ArgDef { Name = argument, Type = DataType.DtFloat } },
                OutputArg = { new OpDef.Types.ArgDef { Name = result, Type = DataType.DtFloat } },
            },
        };
    }

    public string Name { get; }

    /// <returns>How other nodes of the function name its value.</returns>
    public string Const(string name, TensorProto value)
    {
        Node(name, "Const", [], ("dtype", ModelMaker.Type(value.Dtype)), ("value", new AttrValue { Tensor = value }));
        return name + ":output:0";
    }

    public string Node(string name, string op, string[] inputs, params (string Name, AttrValue Value)[] attributes)
    {
        var node = new NodeDef { Name = name, Op = op };
        node.Input.Add(inputs);
        foreach ((string attribute, AttrValue value) in attributes)
        {
            node.Attr[attribute] = value;
        }

        _function.NodeDef.Add(node);
        return name;
    }

    /// <param name="node">Its only output is the result; its op decides the output's name.</param>
    public FunctionDef Finish(string node)
    {
        string op = _function.NodeDef.Single(one => one.Name == node).Op;
        _function.Ret[_result] = $"{node}:{(op == "MatMul" ? "product" : "output")}:0";
        return _function;
    }
}
