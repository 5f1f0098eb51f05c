using SharpServing.Ops;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Sessions;
using SharpServing.TestSupport;

namespace SharpServing.Verification.Tests.Shapes;

/// <summary>
/// What inference says of any tensor of any golden run must hold: with unknown feeds, with their shapes, with parts of these, with and without
/// the values of those that are no floats.
/// </summary>
public sealed class ShapeInferenceGoldenTests
{
    private const int NoiseSeeds = 40;

    /// <summary>
    /// Parts that inference must know, so that one that says nothing does not pass. For the recorded ops: shapes and values when the feeds are
    /// known; for models: ranks when they are not. By the class of the shape function, a shared
    /// one by its name.
    /// </summary>
    private static readonly Dictionary<string, (double Shapes, double Values, double ModelRanks)> Floors = new(StringComparer.Ordinal)
    {
        ["ArithmeticShapes"] = (0.95, 0.02, 0.45),
        ["Broadcast"] = (1, 0, 0.2),
        ["ConvolutionShapes"] = (0.98, 0, 1),
        ["EinsumShapes"] = (1, 0, 0.98),
        ["FillShapes"] = (0.85, 0, 0.85),
        ["Forwarded"] = (1, 0, 0.2),
        ["FusedShapes"] = (0, 0, 0.9),
        ["FromSizes"] = (1, 0, 0.2),
        ["GatherShapes"] = (1, 0, 0.75),
        ["ImageShapes"] = (0.4, 0, 1),
        ["JoinShapes"] = (1, 0.03, 0.9),
        ["LookupShapes"] = (0, 0, 0),
        ["NnShapes"] = (0.95, 0, 0.98),
        ["ParsingShapes"] = (0.25, 0, 0.35),
        ["ProductShapes"] = (1, 0, 0.95),
        ["ReductionShapes"] = (1, 0.001, 0.65),
        ["ReshapeShapes"] = (0.99, 0.5, 0.95),
        ["Scalars"] = (1, 0, 0.2),
        ["SliceShapes"] = (1, 0, 0.9),
        ["SparseShapes"] = (0.5, 0.05, 0),
        ["StateShapes"] = (1, 0, 0),
        ["StringShapes"] = (0.4, 0, 1),
        ["SwitchShapes"] = (0, 0, 0.7),
        ["Unchanged"] = (1, 0, 0.2),
    };

    [Theory]
    [InlineData("golden/ops", "")]
    [InlineData("golden/graphs", "")]
    [InlineData("golden/graphs", "-all")]
    [InlineData("golden/models", "")]
    [InlineData("golden/models", "-all")]
    [InlineData("golden/third_party", "")]
    public void Infer_AnyTensorOfARun_Holds(string path, string passes)
    {
        var checker = new ShapeChecker(OpCatalog.Registry);
        Run(path, new ShapeCheckingBackend(checker, passes));

        string.Join('\n', checker.Faults.Take(40)).ShouldBeEmpty();
        checker.Counts.Keys.Except(Floors.Keys).Except(["ListShapes", "LoopShapes", "Unknown"]).ShouldBeEmpty();
        foreach ((string group, ShapeCount count) in checker.Counts)
        {
            (double shapes, double values, double modelRanks) = Floors.GetValueOrDefault(group);
            string because = $"{path} {passes} {group}: {count}";
            if (path == "golden/ops")
            {
                ((double)count.KnownShapes).ShouldBeGreaterThanOrEqualTo(shapes * count.Tensors, because);
                ((double)count.KnownValues).ShouldBeGreaterThanOrEqualTo(values * count.Tensors, because);
            }
            else if (path == "golden/models" && passes.Length == 0)
            {
                ((double)count.RanksOfUnknown).ShouldBeGreaterThanOrEqualTo(modelRanks * count.Tensors, because);
            }
        }
    }

    [Fact]
    public void Infer_ArgumentsThatMakeNoSense_NeverThrows()
    {
        var checker = new ShapeChecker(OpCatalog.Registry);
        int graphs = 0;
        var options = new GraphSessionOptions { GraphReady = Infer, GraphPasses = "-all" };
        Run("golden/ops", new RuntimeBackend(OpCatalog.Registry, options));

        graphs.ShouldBeGreaterThan(6000);

        void Infer(Graph graph)
        {
            graphs++;
            for (int seed = 0; seed < NoiseSeeds; seed++)
            {
                checker.InferNoise(graph, seed);
            }
        }
    }

    private static void Run(string path, VerifyBackend backend)
    {
        var options = new VerifyOptions { Cache = SharedData.Cache, Timeout = TimeSpan.FromSeconds(20) };
        new Verifier(backend, options, _ => { }).Run(SharedData.PathOf(path)).ShouldBeTrue();
    }
}
