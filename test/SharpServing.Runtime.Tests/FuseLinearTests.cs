using SharpServing.Runtime.Sessions;
using Tensorflow;

namespace SharpServing.Runtime.Tests;

/// <summary>What passes rewrite answers as the graph that was written.</summary>
public sealed class FuseLinearTests
{
    [Theory]
    [InlineData("Relu")]
    [InlineData("Relu6")]
    [InlineData("Tanh")]
    [InlineData("Sigmoid")]
    [InlineData("Elu")]
    public void Run_DenseLayer_SameOffAndOn(string activation)
    {
        float[] input = [.. Enumerable.Range(0, 16).Select(i => (i % 7) - 3f)];
        float[] off = Answer("-all");
        float[] on = Answer("");

        on.Length.ShouldBe(8);
        for (int i = 0; i < on.Length; i++)
        {
            on[i].ShouldBe(off[i], 1e-5);
        }

        float[] Answer(string passes)
        {
            using GraphSession session = Dense(activation).Open(passes);
            return GraphMaker.Run(session, "x", input, "y");
        }
    }

    [Fact]
    public void Run_ProductThatTwoRead_IsNotTakenOver()
    {
        GraphMaker maker = Dense("Relu").Op("both", "AddV2", ["product", "y"]);
        using GraphSession off = maker.Open("-all");
        using GraphSession on = maker.Open();
        float[] input = [.. Enumerable.Range(0, 16).Select(i => i * 0.25f)];

        GraphMaker.Run(on, "x", input, "both").ShouldBe(GraphMaker.Run(off, "x", input, "both"));
    }

    [Fact]
    public void Open_UnknownPassName_IsRefused() =>
        Should.Throw<StatusException>(() => Dense("Relu").Open("-no_such_pass")).Status.Message.ShouldContain("No graph pass is named 'no_such_pass'");

    /// <summary>[2, 8] · [8, 4] · scale + bias, activation, as a vector.</summary>
    private static GraphMaker Dense(string activation)
    {
        float[] weights = [.. Enumerable.Range(0, 64).Select(i => MathF.Sin(i))];
        return new GraphMaker().Placeholder("x")
            .Add(
                GraphMaker.IntConst("rows", 2, 8), GraphMaker.IntConst("flat", -1, 1),
                GraphMaker.FloatConst("w", [8, 8], weights),
                GraphMaker.FloatConst("scale", [8], 1, 2, 0.5f, -1, 1, 2, 0.5f, -1), GraphMaker.FloatConst("b", [8], 0.1f, 0.2f, 0.3f, 0.4f, 0, 0, 0, 1))
            .Op("matrix", "Reshape", ["x", "rows"])
            .Op("product", "MatMul", ["matrix", "w"])
            .Op("scaled", "Mul", ["product", "scale"])
            .Op("biased", "BiasAdd", ["scaled", "b"])
            .Op("active", activation, ["biased"])
            .Add(GraphMaker.IntConst("axis", 0))
            .Op("y", "Sum", ["active", "axis"], DataType.DtFloat, ("keep_dims", new AttrValue { B = false }));
    }
}
