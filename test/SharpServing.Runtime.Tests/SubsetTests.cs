using SharpServing.Runtime.Sessions;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Tests;

/// <summary>Some outputs or some inputs of a signature, once its weights are given back: only what is needed runs, on the signature's own plan.</summary>
public sealed class SubsetTests
{
    [Fact]
    public void Run_SomeOutputs_DoNotSeeAnErrorInTheOthers()
    {
        using GraphSession session = OpenTwoOutputs();

        (ServingStatus all, _) = Run(session, ["x", "z"], ["doubled", "bad"], [4f, 1f]);
        (ServingStatus one, float[] answer) = Run(session, ["x", "z"], ["doubled"], [4f, 1f]);

        all.Code.ShouldBe(StatusCode.InvalidArgument);
        one.ShouldBe(ServingStatus.Ok);
        answer.ShouldBe([8f]);
    }

    [Fact]
    public void Run_InputLeftOut_MattersOnlyToOutputsThatNeedIt()
    {
        using GraphSession session = OpenTwoOutputs();

        Run(session, ["x"], ["doubled"], [4f]).Answer.ShouldBe([8f]);
        Run(session, ["x"], ["bad"], [4f]).Status
            .ShouldBe(ServingStatus.InvalidArgument("You must feed a value for placeholder tensor 'z' with dtype float\n\t [[{{node z}}]]"));
        Run(session, ["x"], ["offset"], [4f]).Answer.ShouldBe([7f]);
        Run(session, ["default", "x"], ["offset"], [1f, 4f]).Answer.ShouldBe([5f]);
    }

    [Fact]
    public void Run_SomeOutputsOfACall_KeepItsEffects()
    {
        // f adds to v and gives back x and -x; a write beside the call happens only where an output waits for it.
        FunctionDef function = GraphMaker.MakeFunction(
            "f", [("h", DataType.DtResource), ("x", DataType.DtFloat)], [("same", DataType.DtFloat, "same:output:0"), ("neg", DataType.DtFloat, "neg:y:0")],
            GraphMaker.Node("add", "AssignAddVariableOp", ["h", "x"], ("dtype", GraphMaker.Type(DataType.DtFloat))),
            GraphMaker.Node("same", "Identity", ["x"], ("T", GraphMaker.Type(DataType.DtFloat))),
            GraphMaker.Node("neg", "Neg", ["x"], ("T", GraphMaker.Type(DataType.DtFloat))));
        using GraphSession session = new GraphMaker().Placeholder("x").AddFunction(function)
            .Add(Variable("v"), Variable("w"))
            .Add(GraphMaker.Node("set_v", "AssignVariableOp", ["v", "x"], ("dtype", GraphMaker.Type(DataType.DtFloat))))
            .Add(GraphMaker.Node("set_w", "AssignVariableOp", ["w", "x"], ("dtype", GraphMaker.Type(DataType.DtFloat))))
            .Add(GraphMaker.Node("add_w", "AssignAddVariableOp", ["w", "x"], ("dtype", GraphMaker.Type(DataType.DtFloat))))
            .Add(GraphMaker.Node(
                "call", "StatefulPartitionedCall", ["v", "x"], ("f", GraphMaker.Function("f")),
                ("Tin", GraphMaker.Types(DataType.DtResource, DataType.DtFloat)), ("Tout", GraphMaker.Types(DataType.DtFloat, DataType.DtFloat))))
            .Add(GraphMaker.Node("read_v", "ReadVariableOp", ["v"], ("dtype", GraphMaker.Type(DataType.DtFloat))))
            .Add(GraphMaker.Node("read_w", "ReadVariableOp", ["w"], ("dtype", GraphMaker.Type(DataType.DtFloat))))
            .Op("after", "Identity", ["x", "^add_w"])
            .Open();
        foreach (string target in (string[])["set_v", "set_w"])
        {
            session.TryPrepare(["x"], [], [target], out GraphCallable? callable).ShouldBe(ServingStatus.Ok);
            Tensor one = Tensor.FromScalar(1f);
            callable!.Run([one], [], CancellationToken.None).ShouldBe(ServingStatus.Ok);
            one.Release();
        }

        (string[], string[])[] signatures = [(["x"], ["call", "call:1", "after"]), ([], ["read_v"]), ([], ["read_w"])];
        Serve(session, signatures);

        Run(session, ["x"], ["call:1"], [2f]).Answer.ShouldBe([-2f]);
        Run(session, [], ["read_v"], []).Answer.ShouldBe([3f]);
        Run(session, [], ["read_w"], []).Answer.ShouldBe([1f]);
        Run(session, ["x"], ["after"], [2f]).Answer.ShouldBe([2f]);
        Run(session, [], ["read_v"], []).Answer.ShouldBe([3f]);
        Run(session, [], ["read_w"], []).Answer.ShouldBe([3f]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-fold_shapes")]
    public void Run_SomeOutputsOfACall_DoNotSeeAShapesErrorInTheOthers(string passes)
    {
        // big = x broadcast to the shape of Reshape(z, [1, 4]): known before the run, but the reshape of a scalar fails.
        FunctionDef function = GraphMaker.MakeFunction(
            "f", [("x", DataType.DtFloat), ("z", DataType.DtFloat)], [("neg", DataType.DtFloat, "neg:y:0"), ("big", DataType.DtFloat, "big:output:0")],
            GraphMaker.IntConst("sizes", 1, 4),
            GraphMaker.Node("matrix", "Reshape", ["z", "sizes:output:0"], ("T", GraphMaker.Type(DataType.DtFloat))),
            GraphMaker.Node("shape", "Shape", ["matrix:output:0"], ("T", GraphMaker.Type(DataType.DtFloat))),
            GraphMaker.Node("big", "BroadcastTo", ["x", "shape:output:0"], ("T", GraphMaker.Type(DataType.DtFloat))),
            GraphMaker.Node("neg", "Neg", ["x"], ("T", GraphMaker.Type(DataType.DtFloat))));
        using GraphSession session = new GraphMaker().Placeholder("x").Placeholder("z").AddFunction(function)
            .Add(GraphMaker.Node(
                "call", "PartitionedCall", ["x", "z"], ("f", GraphMaker.Function("f")),
                ("Tin", GraphMaker.Types(DataType.DtFloat, DataType.DtFloat)), ("Tout", GraphMaker.Types(DataType.DtFloat, DataType.DtFloat))))
            .Open(passes);
        Serve(session, [(["x", "z"], ["call", "call:1"])]);

        Run(session, ["x", "z"], ["call", "call:1"], [2f, 1f]).Status.Message.ShouldContain("Input to reshape is a tensor with 1 values");
        Run(session, ["x", "z"], ["call:1"], [2f, 1f]).Status.Message.ShouldContain("Input to reshape is a tensor with 1 values");
        Run(session, ["x", "z"], ["call"], [2f, 1f]).Answer.ShouldBe([-2f]);
    }

    private static NodeDef Variable(string name) =>
        GraphMaker.Node(
            name, "VarHandleOp", [], ("dtype", GraphMaker.Type(DataType.DtFloat)), ("shape", new AttrValue { Shape = new TensorShapeProto() }),
            ("shared_name", new AttrValue { S = Google.Protobuf.ByteString.CopyFromUtf8(name) }));

    /// <summary>doubled = 2x; bad = Reshape(z, [2]) fails for a scalar; offset = x + a placeholder whose default is 3.</summary>
    private static GraphSession OpenTwoOutputs()
    {
        GraphSession session = new GraphMaker().Placeholder("x").Placeholder("z")
            .Add(GraphMaker.FloatConst("two", [], 2), GraphMaker.FloatConst("three", [], 3), GraphMaker.IntConst("shape", 2, 1))
            .Op("doubled", "Mul", ["two", "x"])
            .Op("bad", "Reshape", ["z", "shape"], DataType.DtFloat, ("Tshape", GraphMaker.Type(DataType.DtInt32)))
            .Add(GraphMaker.Node(
                "default", "PlaceholderWithDefault", ["three"], ("dtype", GraphMaker.Type(DataType.DtFloat)),
                ("shape", new AttrValue { Shape = new TensorShapeProto() })))
            .Op("offset", "AddV2", ["x", "default"])
            .Open();
        (string[], string[])[] signatures = [(["x", "z"], ["doubled", "bad"]), (["default", "x"], ["offset"])];
        Serve(session, signatures);
        return session;
    }

    private static void Serve(GraphSession session, (string[] Feeds, string[] Fetches)[] signatures)
    {
        session.Freeze(signatures);
        foreach ((string[] feeds, string[] fetches) in signatures)
        {
            session.TryPrepare(feeds, fetches, [], out _).ShouldBe(ServingStatus.Ok);
        }

        session.ReleaseWeights();
    }

    private static (ServingStatus Status, float[] Answer) Run(GraphSession session, string[] feeds, string[] fetches, float[] values)
    {
        session.TryPrepare(feeds, fetches, [], out GraphCallable? callable).ShouldBe(ServingStatus.Ok);
        Tensor[] inputs = [.. values.Select(Tensor.FromScalar)];
        var results = new Tensor?[fetches.Length];
        ServingStatus status = callable!.Run(inputs, results, CancellationToken.None);
        float[] answer = status.IsOk ? results[0]!.Span<float>().ToArray() : [];
        foreach (Tensor? tensor in (Tensor?[])[.. results, .. inputs])
        {
            tensor?.Release();
        }

        return (status, answer);
    }
}
