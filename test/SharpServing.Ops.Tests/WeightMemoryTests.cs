using SharpServing.Runtime.Sessions;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Ops.Tests;

/// <summary>Native memory of loaded models. One class, so that nothing else allocates meanwhile.</summary>
public sealed class WeightMemoryTests
{
    [Theory]
    [InlineData("linear")]
    [InlineData("points")]
    [InlineData("digits")]
    [InlineData("shapes")]
    public void Load_ThenDispose_HoldsWeightsOnceAndGivesAllBack(string model)
    {
        string directory = Path.Combine(AppContext.BaseDirectory, "models", model, "1");
        long weights = Directory.EnumerateFiles(Path.Combine(directory, "variables"), "*.data-*").Sum(file => new FileInfo(file).Length);
        TensorAllocator allocator = TensorAllocator.Shared;
        long before = allocator.BytesInUse;

        using (SavedModelBundle.Load(directory, ["serve"], OpCatalog.Registry, new GraphSessionOptions()))
        {
            // Small constants come in blocks of at least 128 bytes; panels of packed weights are padded.
            (allocator.BytesInUse - before).ShouldBeInRange(weights / 2, (long)(weights * 1.3) + (80 * 1024));
        }

        allocator.BytesInUse.ShouldBe(before);
        allocator.Leaks.ShouldBe(0);
    }

    /// <summary>One signature gives x · reshape(w), the other its square, a third run both: the reshaped weights are a value of the graph's own making.</summary>
    [Fact]
    public void Compile_TwoSignaturesOfReshapedWeights_HoldThemOnce()
    {
        const int Size = 256;
        const long Bytes = Size * Size * sizeof(float);
        AttrValue type = new() { Type = DataType.DtFloat };
        var weights = new TensorProto { Dtype = DataType.DtFloat, TensorShape = ShapeOf(Size * Size) };
        weights.FloatVal.Add(0.5f);
        var sizes = new TensorProto { Dtype = DataType.DtInt32, TensorShape = ShapeOf(2) };
        sizes.IntVal.Add(Size);
        var graph = new GraphDef();
        graph.Node.Add(
        [
            new NodeDef { Name = "x", Op = "Placeholder", Attr = { ["dtype"] = type } },
            new NodeDef { Name = "w", Op = "Const", Attr = { ["dtype"] = type, ["value"] = new AttrValue { Tensor = weights } } },
            new NodeDef { Name = "sizes", Op = "Const", Attr = { ["dtype"] = new AttrValue { Type = DataType.DtInt32 }, ["value"] = new AttrValue { Tensor = sizes } } },
            new NodeDef { Name = "matrix", Op = "Reshape", Input = { "w", "sizes" }, Attr = { ["T"] = type } },
            new NodeDef { Name = "half", Op = "Sqrt", Input = { "matrix" }, Attr = { ["T"] = type } },
            new NodeDef { Name = "y", Op = "MatMul", Input = { "x", "half" }, Attr = { ["T"] = type } },
            new NodeDef { Name = "z", Op = "Square", Input = { "y" }, Attr = { ["T"] = type } },
        ]);
        TensorAllocator allocator = TensorAllocator.Shared;
        long before = allocator.BytesInUse;
        using (var session = new GraphSession(graph, OpCatalog.Registry, new GraphSessionOptions()))
        {
            session.Freeze([(["x"], ["y"]), (["x"], ["z"])]);
            session.TryPrepare(["x"], ["y"], [], out _).ShouldBe(ServingStatus.Ok);
            session.TryPrepare(["x"], ["z"], [], out _).ShouldBe(ServingStatus.Ok);
            session.TryPrepare(["x"], ["y", "z"], [], out _).ShouldBe(ServingStatus.Ok);
            session.ReleaseWeights();

            (allocator.BytesInUse - before).ShouldBeInRange(Bytes, Bytes + (Bytes / 4));
        }

        allocator.BytesInUse.ShouldBe(before);
    }

    private static TensorShapeProto ShapeOf(int size) => new() { Dim = { new TensorShapeProto.Types.Dim { Size = size } } };
}
