using SharpServing.Conformance.Tests.Rest;
using SharpServing.Conformance.Tests.Support;
using Tensorflow;

namespace SharpServing.Conformance.Tests.Grpc;

/// <summary>Models with just what a case is about.</summary>
internal static class GrpcModels
{
    private const string Default = "serving_default";
    private const string PredictMethod = "tensorflow/serving/predict";
    private const string ClassifyMethod = "tensorflow/serving/classify";

    public static IEnumerable<ServedModel> Make(string folder)
    {
        foreach ((string name, ModelMaker model) in All())
        {
            string target = Path.Combine(folder, name);
            model.Save(target);
            yield return new ServedModel(name, target);
        }

        yield return ExampleModel.Make([], folder);
    }

    /// <summary>Its only signature has a method name that is none of the original's.</summary>
    public static ModelMaker OtherMethod()
    {
        var maker = new ModelMaker();
        string x = maker.Placeholder("x", DataType.DtFloat);
        string y = maker.Node("y", "Identity", [x], ("T", ModelMaker.Type(DataType.DtFloat)));
        return maker.Signature(Default, "not/supported/method", [("x", x, DataType.DtFloat)], ("y", y, DataType.DtFloat));
    }

    private static IEnumerable<(string Name, ModelMaker Model)> All()
    {
        yield return ("no_signature", new ModelMaker());
        yield return ("other_method", OtherMethod());
        yield return ("slow", Slow());
        yield return ("keras_identity", InFunction(static function =>
            function.Node("out", "Identity", ["x"], ("T", ModelMaker.Type(DataType.DtFloat)))));
        yield return ("keras_dense", InFunction(static function =>
        {
            function.Const("kernel", Floats([1, 1], 1));
            return function.Node(
                "out", "MatMul", ["x", "kernel:output:0"], ("T", ModelMaker.Type(DataType.DtFloat)), ("transpose_a", new AttrValue { B = false }), ("transpose_b", new AttrValue { B = false }));
        }));
        yield return ("two", AnswerModels.Classifier("dos=2;uno=1", "cuatro=4;tres=3"));
        yield return ("labels_only", AnswerModels.Classifier("dos=0;uno=0"));
        yield return ("labels_of_floats", Classifier(classes: Floats([1, 2], 1, 2)));
        yield return ("labels_rank_1", Classifier(classes: Strings([1], "a")));
        yield return ("scores_of_strings", Classifier(scores: Strings([1, 2], "a", "b")));
        yield return ("scores_only", Classifier(scores: Floats([1, 2], 1, 2)));
        yield return ("scores_rank_1", Classifier(scores: Floats([1], 1)));
        yield return ("three_labels_two_scores", Classifier(Strings([1, 3], "a", "b", "c"), Floats([1, 2], 1, 2)));
        yield return ("regress", Regressor());
    }

    /// <summary>Products of large matrices one after the other, many seconds in all.</summary>
    private static ModelMaker Slow()
    {
        const int Steps = 1000;
        var maker = new ModelMaker();
        string x = maker.Placeholder("x", DataType.DtFloat);
        string size = maker.Const("size", new TensorProto { Dtype = DataType.DtInt32, TensorShape = ModelMaker.Shape(2), IntVal = { 1000, 1000 } });
        string product = maker.Node("fill", "Fill", [size, x], ("T", ModelMaker.Type(DataType.DtFloat)), ("index_type", ModelMaker.Type(DataType.DtInt32)));
        for (int i = 0; i < Steps; i++)
        {
            product = maker.Node(
                $"product_{i}", "MatMul", [product, "fill"], ("T", ModelMaker.Type(DataType.DtFloat)), ("transpose_a", new AttrValue { B = false }), ("transpose_b", new AttrValue { B = false }));
        }

        maker.Const("axes", new TensorProto { Dtype = DataType.DtInt32, TensorShape = ModelMaker.Shape(2), IntVal = { 0, 1 } });
        string sum = maker.Node(
            "sum", "Sum", [product, "axes"], ("T", ModelMaker.Type(DataType.DtFloat)), ("Tidx", ModelMaker.Type(DataType.DtInt32)), ("keep_dims", new AttrValue { B = false }));
        return maker.Signature(Default, PredictMethod, [("x", x, DataType.DtFloat)], ("y", sum, DataType.DtFloat));
    }

    /// <summary>As Keras exports a model: x and y go through a call of a function.</summary>
    private static ModelMaker InFunction(Func<FunctionMaker, string> body)
    {
        var maker = new ModelMaker();
        string x = maker.Placeholder("serving_default_x", DataType.DtFloat);
        var function = new FunctionMaker("__inference_signature_wrapper_1", "x", "y");
        maker.Function(function.Finish(body(function)));
        string y = maker.Node(
            "StatefulPartitionedCall",
            "StatefulPartitionedCall",
            [x],
            ("Tin", ModelMaker.Types(DataType.DtFloat)),
            ("Tout", ModelMaker.Types(DataType.DtFloat)),
            ("f", new AttrValue { Func = new NameAttrList { Name = function.Name } }));
        return maker.Signature(Default, PredictMethod, [("x", x, DataType.DtFloat)], ("y", y, DataType.DtFloat));
    }

    /// <summary>Answers with these tensors, whatever it is asked.</summary>
    private static ModelMaker Classifier(TensorProto? classes = null, TensorProto? scores = null)
    {
        var maker = new ModelMaker();
        string inputs = maker.Placeholder("inputs", DataType.DtString);
        var outputs = new List<(string, string, DataType)>();
        if (classes is not null)
        {
            outputs.Add(("classes", maker.Const("c", classes), classes.Dtype));
        }

        if (scores is not null)
        {
            outputs.Add(("scores", maker.Const("s", scores), scores.Dtype));
        }

        return maker.Signature(Default, ClassifyMethod, [("inputs", inputs, DataType.DtString)], [.. outputs]);
    }

    /// <summary>Feature x of each Example: as it is, one more, and as a vector.</summary>
    private static ModelMaker Regressor()
    {
        const string Method = "tensorflow/serving/regress";
        var maker = new ModelMaker();
        string inputs = maker.Placeholder("inputs", DataType.DtString);
        maker.Const("names", new TensorProto { Dtype = DataType.DtString, TensorShape = ModelMaker.Shape(0) });
        maker.Const("key", Strings([], "x"));
        maker.Const("no_default", Floats([0]));
        maker.Node(
            "parse",
            "ParseExample",
            [inputs, "names", "key", "no_default"],
            ("Nsparse", new AttrValue { I = 0 }),
            ("Ndense", new AttrValue { I = 1 }),
            ("sparse_types", ModelMaker.Types()),
            ("Tdense", ModelMaker.Types(DataType.DtFloat)),
            ("dense_shapes", new AttrValue { List = new AttrValue.Types.ListValue { Shape = { ModelMaker.Shape(1) } } }));
        maker.Const("one", Floats([], 1));
        maker.Const("flat", new TensorProto { Dtype = DataType.DtInt32, TensorShape = ModelMaker.Shape(1), IntVal = { -1 } });
        string more = maker.Node("more", "Add", ["parse", "one"], ("T", ModelMaker.Type(DataType.DtFloat)));
        string vector = maker.Node("vector", "Reshape", ["parse", "flat"], ("T", ModelMaker.Type(DataType.DtFloat)), ("Tshape", ModelMaker.Type(DataType.DtInt32)));
        (string, string, DataType)[] fed = [("inputs", inputs, DataType.DtString)];
        return maker.Signature(Default, Method, fed, ("outputs", "parse", DataType.DtFloat))
            .Signature("plus_one", Method, fed, ("outputs", more, DataType.DtFloat))
            .Signature("vector", Method, fed, ("outputs", vector, DataType.DtFloat));
    }

    private static TensorProto Floats(long[] shape, params float[] values) =>
        new() { Dtype = DataType.DtFloat, TensorShape = ModelMaker.Shape(shape), FloatVal = { values } };

    private static TensorProto Strings(long[] shape, params string[] values) => new()
    {
        Dtype = DataType.DtString,
        TensorShape = ModelMaker.Shape(shape),
        StringVal = { values.Select(Google.Protobuf.ByteString.CopyFromUtf8) },
    };
}
