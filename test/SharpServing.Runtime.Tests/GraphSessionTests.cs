using SharpServing.Runtime.Sessions;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Tests;

public sealed class GraphSessionTests
{
    [Theory]
    [InlineData("")]
    [InlineData("-all")]
    public void Run_HalfPlusTwo_Answers(string passes)
    {
        using GraphSession session = HalfPlusTwo().Open(passes);

        GraphMaker.Run(session, "x", [1, 2, 5], "y").ShouldBe([2.5f, 3, 4.5f]);
    }

    [Fact]
    public void Run_FeedIsReusable_WhenTheGraphWritesInPlace()
    {
        using GraphSession session = HalfPlusTwo().Open();
        Tensor input = Tensor.FromArray<float>([1, 2], new Shape(2));
        session.TryPrepare(["x"], ["y"], [], out GraphCallable? callable).ShouldBe(ServingStatus.Ok);
        for (int i = 0; i < 3; i++)
        {
            Tensor?[] results = new Tensor?[1];
            callable!.Run([input], results, CancellationToken.None).ShouldBe(ServingStatus.Ok);
            results[0]!.Span<float>().ToArray().ShouldBe([2.5f, 3]);
            results[0]!.Release();
        }

        input.Span<float>().ToArray().ShouldBe([1f, 2]);
        input.Release();
    }

    [Fact]
    public void Run_WrongDtype_NamesTheArgument()
    {
        using GraphSession session = HalfPlusTwo().Open();
        session.TryPrepare(["x"], ["y"], [], out GraphCallable? callable).ShouldBe(ServingStatus.Ok);
        Tensor input = Tensor.FromScalar(1);

        callable!.Run([input], new Tensor?[1], CancellationToken.None)
            .ShouldBe(ServingStatus.InvalidArgument("Expects arg[0] to be float but int32 is provided"));
        input.Release();
    }

    [Theory]
    [InlineData("nosuch", "Tensor nosuch:0, specified in either feed_devices or fetch_devices was not found in the Graph")]
    [InlineData("x", "x is both fed and fetched.")]
    public void TryPrepare_BadFetch_HasTensorFlowsText(string fetch, string text)
    {
        using GraphSession session = HalfPlusTwo().Open();

        session.TryPrepare(["x"], [fetch], [], out _).ShouldBe(ServingStatus.InvalidArgument(text));
    }

    [Fact]
    public void TryPrepare_UnsupportedOps_NamesThemAll()
    {
        GraphMaker maker = new GraphMaker().Placeholder("x")
            .Op("b", "Betainc", ["x", "x", "x"])
            .Op("c", "Ndtri", ["b"]);
        using GraphSession session = maker.Open();

        ServingStatus status = session.TryPrepare(["x"], ["c"], [], out _);

        status.Code.ShouldBe(StatusCode.Unimplemented);
        status.Message.ShouldContain("op Betainc");
        status.Message.ShouldContain("op Ndtri");
    }

    [Fact]
    public void Open_UnknownOp_IsNotFound() =>
        Should.Throw<StatusException>(() => new GraphMaker().Add(GraphMaker.Node("a", "NoSuchOpEver", [])).Open())
            .Status.Message.ShouldStartWith("Op type not registered 'NoSuchOpEver' in binary running on ");

    [Fact]
    public void Open_Cycle_IsRefused() =>
        Should.Throw<StatusException>(() => new GraphMaker().Op("a", "Neg", ["b"]).Op("b", "Neg", ["a"]).Open())
            .Status.ShouldBe(ServingStatus.InvalidArgument("2 nodes in a cycle"));

    [Theory]
    [InlineData("")]
    [InlineData("-inline_calls")]
    public void Run_FunctionCall_SameInlinedOrNot(string passes)
    {
        FunctionDef twice = GraphMaker.MakeFunction(
            "twice", [("v", DataType.DtFloat)], [("r", DataType.DtFloat, "add:z:0")],
            GraphMaker.Node("add", "AddV2", ["v", "v"], ("T", GraphMaker.Type(DataType.DtFloat))));
        using GraphSession session = new GraphMaker().Placeholder("x").AddFunction(twice)
            .Add(GraphMaker.Node(
                "call", "PartitionedCall", ["x"], ("f", GraphMaker.Function("twice")),
                ("Tin", GraphMaker.Types(DataType.DtFloat)), ("Tout", GraphMaker.Types(DataType.DtFloat))))
            .Open(passes);

        GraphMaker.Run(session, "x", [3], "call").ShouldBe([6f]);
    }

    [Fact]
    public void Run_While_CountsAndStopsWhenCancelled()
    {
        using GraphSession session = Loop("Less").Open();
        GraphMaker.Run(session, "x", [3], "loop").ShouldBe([10f]);

        using GraphSession endless = Loop("GreaterEqual").Open();
        endless.TryPrepare(["x"], ["loop"], [], out GraphCallable? callable).ShouldBe(ServingStatus.Ok);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        Tensor input = Tensor.FromScalar(20f);
        callable!.Run([input], new Tensor?[1], stop.Token).Code.ShouldBe(StatusCode.Cancelled);
        input.Release();
    }

    [Theory]
    [InlineData(1f, -1f)]
    [InlineData(-4f, 16f)]
    public void Run_SwitchAndMerge_TakesTheLiveBranch(float x, float expected)
    {
        using GraphSession session = new GraphMaker().Placeholder("x")
            .Add(GraphMaker.FloatConst("zero", [], 0))
            .Op("positive", "Greater", ["x", "zero"])
            .Op("switch", "Switch", ["x", "positive"])
            .Op("yes", "Neg", ["switch:1"])
            .Op("no", "Square", ["switch:0"])
            .Add(GraphMaker.Node("merge", "Merge", ["no", "yes"], ("T", GraphMaker.Type(DataType.DtFloat)), ("N", new AttrValue { I = 2 })))
            .Open();

        GraphMaker.Run(session, "x", [x], "merge").ShouldBe([expected]);
    }

    [Fact]
    public void Run_LoopOfEnterAndExit_Counts()
    {
        // while (v < 10) v = v + 3, as TensorFlow 1 writes it.
        AttrValue frame = new() { S = Google.Protobuf.ByteString.CopyFromUtf8("f") };
        using GraphSession session = new GraphMaker().Placeholder("x")
            .Add(GraphMaker.FloatConst("ten", [], 10), GraphMaker.FloatConst("three", [], 3))
            .Op("enter", "Enter", ["x"], DataType.DtFloat, ("frame_name", frame))
            .Op("enter_ten", "Enter", ["ten"], DataType.DtFloat, ("frame_name", frame), ("is_constant", new AttrValue { B = true }))
            .Op("enter_three", "Enter", ["three"], DataType.DtFloat, ("frame_name", frame), ("is_constant", new AttrValue { B = true }))
            .Add(GraphMaker.Node("merge", "Merge", ["enter", "next"], ("T", GraphMaker.Type(DataType.DtFloat)), ("N", new AttrValue { I = 2 })))
            .Op("less", "Less", ["merge", "enter_ten"])
            .Add(GraphMaker.Node("cond", "LoopCond", ["less"]))
            .Op("switch", "Switch", ["merge", "cond"])
            .Op("add", "AddV2", ["switch:1", "enter_three"])
            .Op("next", "NextIteration", ["add"])
            .Op("exit", "Exit", ["switch:0"])
            .Open();

        GraphMaker.Run(session, "x", [2], "exit").ShouldBe([11f]);
    }

    [Fact]
    public void Run_Assign_KeepsStateFromRunToRun()
    {
        using GraphSession session = new GraphMaker().Placeholder("x")
            .Add(GraphMaker.Node("v", "VarHandleOp", [], ("dtype", GraphMaker.Type(DataType.DtFloat)), ("shape", new AttrValue { Shape = new TensorShapeProto() })))
            .Add(GraphMaker.Node("set", "AssignVariableOp", ["v", "x"], ("dtype", GraphMaker.Type(DataType.DtFloat))))
            .Add(GraphMaker.Node("add", "AssignAddVariableOp", ["v", "x"], ("dtype", GraphMaker.Type(DataType.DtFloat))))
            .Add(GraphMaker.Node("read", "ReadVariableOp", ["v", "^add"], ("dtype", GraphMaker.Type(DataType.DtFloat))))
            .Open();
        Tensor five = Tensor.FromScalar(5f);
        session.TryPrepare(["x"], [], ["set"], out GraphCallable? set).ShouldBe(ServingStatus.Ok);
        set!.Run([five], [], CancellationToken.None).ShouldBe(ServingStatus.Ok);
        five.Release();

        GraphMaker.Run(session, "x", [2], "read").ShouldBe([7f]);
        GraphMaker.Run(session, "x", [2], "read").ShouldBe([9f]);
    }

    [Fact]
    public void TryPrepare_UnassignedVariable_FailsInTheRunWithItsNode()
    {
        using GraphSession session = new GraphMaker()
            .Add(GraphMaker.Node("v", "VarHandleOp", [], ("dtype", GraphMaker.Type(DataType.DtFloat)), ("shape", new AttrValue { Shape = new TensorShapeProto() })))
            .Add(GraphMaker.Node("read", "ReadVariableOp", ["v"], ("dtype", GraphMaker.Type(DataType.DtFloat))))
            .Open();
        session.TryPrepare([], ["read"], [], out GraphCallable? callable).ShouldBe(ServingStatus.Ok);

        ServingStatus status = callable!.Run([], new Tensor?[1], CancellationToken.None);

        status.Code.ShouldBe(StatusCode.FailedPrecondition);
        status.Message.ShouldEndWith("\n\t [[{{node read}}]]");
    }

    private static GraphMaker HalfPlusTwo() =>
        new GraphMaker().Placeholder("x")
            .Add(GraphMaker.FloatConst("half", [], 0.5f), GraphMaker.FloatConst("two", [], 2))
            .Op("scaled", "Mul", ["half", "x"])
            .Op("y", "AddV2", ["scaled", "two"]);

    /// <summary>while (compare(v, 10)) v = v + 1.</summary>
    private static GraphMaker Loop(string compare)
    {
        FunctionDef condition = GraphMaker.MakeFunction(
            "condition", [("v", DataType.DtFloat)], [("r", DataType.DtBool, "test:z:0")],
            GraphMaker.FloatConst("ten", [], 10),
            GraphMaker.Node("test", compare, ["v", "ten:output:0"], ("T", GraphMaker.Type(DataType.DtFloat))));
        FunctionDef body = GraphMaker.MakeFunction(
            "body", [("v", DataType.DtFloat)], [("r", DataType.DtFloat, "add:z:0")],
            GraphMaker.FloatConst("one", [], 1),
            GraphMaker.Node("add", "AddV2", ["v", "one:output:0"], ("T", GraphMaker.Type(DataType.DtFloat))));
        return new GraphMaker().Placeholder("x").AddFunction(condition).AddFunction(body)
            .Add(GraphMaker.Node(
                "loop", "StatelessWhile", ["x"], ("T", GraphMaker.Types(DataType.DtFloat)),
                ("cond", GraphMaker.Function("condition")), ("body", GraphMaker.Function("body"))));
    }
}
