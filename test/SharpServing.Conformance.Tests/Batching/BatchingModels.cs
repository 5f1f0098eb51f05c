using SharpServing.Conformance.Tests.Support;
using Tensorflow;

namespace SharpServing.Conformance.Tests.Batching;

/// <summary>Models for batches. Their inputs have rows.</summary>
internal static class BatchingModels
{
    private const string Default = "serving_default";
    private const string Method = "tensorflow/serving/predict";

    private static readonly (string, AttrValue) Float = ("T", ModelMaker.Type(DataType.DtFloat));

    /// <summary>y = x; the default signature has the first type, and each type has a signature of its name.</summary>
    public static ModelMaker Echo(params DataType[] types)
    {
        var maker = new ModelMaker();
        foreach (DataType type in types)
        {
            string x = maker.Placeholder($"x_{type}", type);
            string y = maker.Node($"y_{type}", "Identity", [x], ("T", ModelMaker.Type(type)));
            foreach (string name in type == types[0] ? new[] { Default, type.ToString() } : [type.ToString()])
            {
                maker.Signature(name, Method, [("x", x, type)], ("y", y, type));
            }
        }

        return maker;
    }

    /// <summary>y = a, z = b; a second signature has only the first.</summary>
    public static ModelMaker TwoInputs()
    {
        var maker = new ModelMaker();
        string a = maker.Placeholder("a", DataType.DtFloat);
        string b = maker.Placeholder("b", DataType.DtFloat);
        string y = maker.Node("y", "Identity", [a], Float);
        string z = maker.Node("z", "Identity", [b], Float);
        return maker.Signature(Default, Method, [("a", a, DataType.DtFloat), ("b", b, DataType.DtFloat)], ("y", y, DataType.DtFloat), ("z", z, DataType.DtFloat))
            .Signature("only_a", Method, [("a", a, DataType.DtFloat)], ("y", y, DataType.DtFloat));
    }

    /// <summary>y = x + s, with s from products of large matrices that begin with x.</summary>
    public static ModelMaker Slow()
    {
        const int Steps = 10;
        var maker = new ModelMaker();
        string x = maker.Placeholder("x", DataType.DtFloat);
        maker.Const("axis", new TensorProto { Dtype = DataType.DtInt32, TensorShape = ModelMaker.Shape(1), IntVal = { 0 } });
        maker.Const("axes", new TensorProto { Dtype = DataType.DtInt32, TensorShape = ModelMaker.Shape(2), IntVal = { 0, 1 } });
        maker.Const("size", new TensorProto { Dtype = DataType.DtInt32, TensorShape = ModelMaker.Shape(2), IntVal = { 500, 500 } });
        (string, AttrValue)[] sum = [Float, ("Tidx", ModelMaker.Type(DataType.DtInt32)), ("keep_dims", new AttrValue { B = false })];
        (string, AttrValue)[] product = [Float, ("transpose_a", new AttrValue { B = false }), ("transpose_b", new AttrValue { B = false })];
        string scalar = maker.Node("scalar", "Sum", [x, "axis"], sum);
        string last = maker.Node("fill", "Fill", ["size", scalar], Float, ("index_type", ModelMaker.Type(DataType.DtInt32)));
        for (int i = 0; i < Steps; i++)
        {
            last = maker.Node($"product_{i}", "MatMul", [last, "fill"], product);
        }

        string s = maker.Node("s", "Sum", [last, "axes"], sum);
        string y = maker.Node("y", "Add", [x, s], Float);
        return maker.Signature(Default, Method, [("x", x, DataType.DtFloat)], ("y", y, DataType.DtFloat));
    }

    /// <summary>Answers with five rows, whatever it is asked.</summary>
    public static ModelMaker FiveRows()
    {
        var maker = new ModelMaker();
        string x = maker.Placeholder("x", DataType.DtFloat);
        string y = maker.Const("y", new TensorProto { Dtype = DataType.DtFloat, TensorShape = ModelMaker.Shape(5), FloatVal = { 1 } });
        return maker.Signature(Default, Method, [("x", x, DataType.DtFloat)], ("y", y, DataType.DtFloat));
    }
}
