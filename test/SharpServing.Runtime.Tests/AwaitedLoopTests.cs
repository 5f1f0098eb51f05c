using SharpServing.Runtime.Sessions;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Tests;

/// <summary>Loops that something waits for, without a value of theirs being read, run to their end.</summary>
public sealed class AwaitedLoopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Model: y = x after a loop that ends when its counter is 3 and then fails; z = x.
    [Theory]
    [InlineData("")]
    [InlineData("-prune_control_edges")]
    public void Run_LoopThatFails_FailsOnlyWhatWaitsForIt(string passes)
    {
        using GraphSession session = Open(passes, IsBelow(), GraphMaker.MakeFunction(
            "body", [("i", DataType.DtFloat)], [("next", DataType.DtFloat, "next:output:0")],
            GraphMaker.IntConst("two", 2, 1),
            GraphMaker.Node("next", "Reshape", ["i", "two:output:0"], ("T", GraphMaker.Type(DataType.DtFloat)))));

        Run(session, ["y"], 0).Message.ShouldStartWith("Input to reshape is a tensor with 1 values, but the requested shape has 2");
        Run(session, ["z", "y"], 0).IsOk.ShouldBeFalse();
        Run(session, ["z"], 0).ShouldBe(ServingStatus.Ok);
        Run(session, ["y"], 3).ShouldBe(ServingStatus.Ok);
    }

    [Fact]
    public async Task Run_LoopWithoutEndOrSteps_EndsWithItsCaller()
    {
        using GraphSession session = Open(
            "",
            GraphMaker.MakeFunction(
                "cond", [("i", DataType.DtFloat)], [("go", DataType.DtBool, "go:output:0")],
                GraphMaker.Node("go", "Const", [], ("dtype", GraphMaker.Type(DataType.DtBool)), ("value", new AttrValue
                {
                    Tensor = new TensorProto { Dtype = DataType.DtBool, TensorShape = new TensorShapeProto(), BoolVal = { true } },
                }))),
            GraphMaker.MakeFunction("body", [("i", DataType.DtFloat)], [("next", DataType.DtFloat, "i")]));
        using var caller = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));

        ServingStatus status = await Task.Run(() => Run(session, ["y"], 0, caller.Token), CancellationToken.None).WaitAsync(Patience, CancellationToken.None);

        status.Code.ShouldBe(StatusCode.Cancelled);
    }

    private static FunctionDef IsBelow() => GraphMaker.MakeFunction(
        "cond", [("i", DataType.DtFloat)], [("go", DataType.DtBool, "go:z:0")],
        GraphMaker.FloatConst("three", [], 3),
        GraphMaker.Node("go", "Less", ["i", "three:output:0"], ("T", GraphMaker.Type(DataType.DtFloat))));

    private static GraphSession Open(string passes, FunctionDef condition, FunctionDef body) =>
        new GraphMaker().Placeholder("x").AddFunction(condition).AddFunction(body)
            .Add(GraphMaker.Node(
                "loop", "StatelessWhile", ["x"], ("T", GraphMaker.Types(DataType.DtFloat)),
                ("cond", GraphMaker.Function("cond")), ("body", GraphMaker.Function("body"))))
            .Op("end", "Identity", ["loop"])
            .Op("y", "Identity", ["x", "^end"])
            .Op("z", "Identity", ["x"])
            .Open(passes);

    private static ServingStatus Run(GraphSession session, string[] fetches, float x, CancellationToken cancellation = default)
    {
        session.TryPrepare(["x"], fetches, [], out GraphCallable? callable).ShouldBe(ServingStatus.Ok);
        Tensor input = Tensor.FromScalar(x);
        Tensor?[] results = new Tensor?[fetches.Length];
        ServingStatus status = callable!.Run([input], results, cancellation);
        foreach (Tensor? result in results)
        {
            result?.Release();
        }

        input.Release();
        return status;
    }
}
