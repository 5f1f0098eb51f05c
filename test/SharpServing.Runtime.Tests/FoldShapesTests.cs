using SharpServing.Ops;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Sessions;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Runtime.Tests;

/// <summary>What is known of shapes before a run is computed then; errors, branches and effects stay as they were.</summary>
public sealed class FoldShapesTests
{
    private static readonly float[] Six = [1, 2, 3, 4, 5, 6];

    [Fact]
    public void Open_ColumnsOfAProduct_AreAConstant()
    {
        // [?, 2] · [2, 3]: the number of columns is known, that of rows is not.
        GraphMaker maker = Product()
            .Op("shape", "Shape", ["product"], DataType.DtFloat)
            .Add([.. Size("columns", 1), .. Size("rows", 0)])
            .Op("y", "Mul", ["columns", "columns"], DataType.DtInt32);

        ConstantOf(maker, "y").ShouldBe([9]);
        ConstantOf(maker, "rows").ShouldBeNull();
        RunInts(maker, Six, "y").ShouldBe([9]);
    }

    [Fact]
    public void Open_PlaceholderWithAShape_IsNotBelieved()
    {
        GraphMaker maker = new GraphMaker()
            .Add(GraphMaker.Node("x", "Placeholder", [], ("dtype", GraphMaker.Type(DataType.DtFloat)), ("shape", ShapeOf(2, 3)), ("_output_shapes", ShapeOf(2, 3))))
            .Op("y", "Shape", ["x"]);

        ConstantOf(maker, "y").ShouldBeNull();
        RunInts(maker, Six, "y").ShouldBe([6]);
    }

    [Fact]
    public void Run_WhatOnlyTheShapeWasTakenOf_StillFails()
    {
        // The shape of the product is known whatever x is; but six numbers make no matrix of four columns.
        GraphMaker maker = new GraphMaker().Placeholder("x")
            .Add(GraphMaker.IntConst("sizes", 1, 4))
            .Op("matrix", "Reshape", ["x", "sizes"])
            .Op("y", "Shape", ["matrix"]);

        ConstantOf(maker, "y").ShouldBe([1, 4]);
        foreach (string passes in (string[])["", "-fold_shapes"])
        {
            Run(maker, passes, Six, "y", out _).Message.ShouldContain("Input to reshape is a tensor with 6 values, but the requested shape has 4");
        }
    }

    [Fact]
    public void Run_ValueKnownOnlyIfTheNodeSucceeds_StillFails()
    {
        // One element stays what it is in any shape that it fits; the shape of the feed is none.
        GraphMaker maker = new GraphMaker().Placeholder("x")
            .Add(Vector("flat", -1), Vector("seven", 7))
            .Op("vector", "Reshape", ["x", "flat"])
            .Op("sizes", "Shape", ["vector"])
            .Op("y", "Reshape", ["seven", "sizes"], DataType.DtInt32);

        foreach (string passes in (string[])["", "-fold_shapes"])
        {
            Run(maker, passes, Six, "y", out _).Message.ShouldContain("Input to reshape is a tensor with 1 values, but the requested shape has 6");
        }
    }

    [Fact]
    public void Run_ShapeOnABranch_DecidesAsBefore()
    {
        // Both branches know their shape; only the one that lives may answer.
        GraphMaker maker = new GraphMaker().Placeholder("x").Placeholder("p", DataType.DtBool)
            .Add(GraphMaker.IntConst("left", 2, 3), GraphMaker.IntConst("right", 3, 2))
            .Op("switch", "Switch", ["x", "p"])
            .Op("matrix", "Reshape", ["switch:0", "left"])
            .Op("other", "Reshape", ["switch:1", "right"])
            .Op("shape", "Shape", ["matrix"])
            .Op("shape2", "Shape", ["other"])
            .Op("y", "Merge", ["shape", "shape2"], DataType.DtInt32, ("N", new AttrValue { I = 2 }));

        ConstantOf(maker, "shape").ShouldBeNull();
        foreach (bool taken in (bool[])[false, true])
        {
            using GraphSession session = maker.Open();
            Tensor x = Tensor.FromArray<float>(Six, new Shape(6));
            Tensor p = Tensor.FromScalar(taken);
            var results = new Tensor?[1];
            session.TryPrepare(["x", "p"], ["y"], [], out GraphCallable? callable).ShouldBe(ServingStatus.Ok);
            callable!.Run([x, p], results, CancellationToken.None).ShouldBe(ServingStatus.Ok);
            results[0]!.Span<int>().ToArray().ShouldBe(taken ? [3, 2] : [2, 3]);
            results[0]!.Release();
            x.Release();
            p.Release();
        }
    }

    [Fact]
    public void Run_ControlInputOfAFoldedNode_StillHasItsEffect()
    {
        GraphMaker maker = Product().Placeholder("ok", DataType.DtBool)
            .Add(GraphMaker.Node("assert", "Assert", ["ok", "x"], ("T", GraphMaker.Types(DataType.DtFloat))))
            .Op("rank", "Rank", ["product", "^assert"]);

        using GraphSession session = maker.Open();
        Tensor x = Tensor.FromArray<float>(Six, new Shape(3, 2));
        Tensor ok = Tensor.FromScalar(false);
        session.TryPrepare(["x", "ok"], ["rank"], [], out GraphCallable? callable).ShouldBe(ServingStatus.Ok);
        callable!.Run([x, ok], new Tensor?[1], CancellationToken.None).Message.ShouldContain("assertion failed");
        x.Release();
        ok.Release();
    }

    [Fact]
    public void Run_LoopThatGrowsItsVariable_GivesItsLastShape()
    {
        // while size(v) < 8: v = concat(v, v)
        GraphMaker maker = new GraphMaker().Placeholder("x")
            .AddFunction(GraphMaker.MakeFunction(
                "cond", [("v", DataType.DtFloat)], [("more", DataType.DtBool, "less:z:0")],
                GraphMaker.IntConst("limit", 8),
                GraphMaker.Node("size", "Size", ["v"], ("T", GraphMaker.Type(DataType.DtFloat))),
                GraphMaker.Node("less", "Less", ["size:output:0", "limit:output:0"], ("T", GraphMaker.Type(DataType.DtInt32)))))
            .AddFunction(GraphMaker.MakeFunction(
                "body", [("v", DataType.DtFloat)], [("next", DataType.DtFloat, "twice:output:0")],
                GraphMaker.IntConst("axis", 0),
                GraphMaker.Node("twice", "ConcatV2", ["v", "v", "axis:output:0"], ("T", GraphMaker.Type(DataType.DtFloat)), ("N", new AttrValue { I = 2 }))))
            .Add(GraphMaker.FloatConst("start", [1], 1))
            .Add(GraphMaker.Node(
                "loop", "StatelessWhile", ["start"], ("T", GraphMaker.Types(DataType.DtFloat)), ("cond", GraphMaker.Function("cond")), ("body", GraphMaker.Function("body"))))
            .Op("y", "Shape", ["loop"]);

        RunInts(maker, Six, "y").ShouldBe([8]);
    }

    [Fact]
    public void Run_ConcreteArgument_GivesConcreteShapes()
    {
        PartialShape? known = null;
        var options = new GraphSessionOptions
        {
            GraphReady = graph => known ??= Shapes.ShapeInference.Run(graph, OpCatalog.Registry, new PartialShape([5, 2])).ShapeOf(graph.Results[0]),
        };
        using var session = new GraphSession(Product().Graph, OpCatalog.Registry, options);
        session.TryPrepare(["x"], ["product"], [], out _).ShouldBe(ServingStatus.Ok);
        known.ShouldBe(new PartialShape([5, 3]));
    }

    private static GraphMaker Product() =>
        new GraphMaker().Placeholder("x").Add(GraphMaker.FloatConst("w", [2, 3], 1, 2, 3, 4, 5, 6)).Op("product", "MatMul", ["x", "w"]);

    /// <summary>One size of the node "shape".</summary>
    private static NodeDef[] Size(string name, int index) =>
    [
        Vector($"{name}/from", index), Vector($"{name}/to", index + 1), Vector($"{name}/step", 1),
        GraphMaker.Node(
            name, "StridedSlice", ["shape", $"{name}/from", $"{name}/to", $"{name}/step"],
            ("T", GraphMaker.Type(DataType.DtInt32)), ("Index", GraphMaker.Type(DataType.DtInt32)), ("shrink_axis_mask", new AttrValue { I = 1 })),
    ];

    private static NodeDef Vector(string name, int value)
    {
        NodeDef node = GraphMaker.IntConst(name, value);
        node.Attr["value"].Tensor.TensorShape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dim { Size = 1 } } };
        return node;
    }

    private static AttrValue ShapeOf(params long[] sizes)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(sizes.Select(size => new TensorShapeProto.Types.Dim { Size = size }));
        return new AttrValue { Shape = shape };
    }

    /// <summary>The value of an int32 node when the plan is made; null: it is computed in the run.</summary>
    private static int[]? ConstantOf(GraphMaker maker, string name)
    {
        int[]? found = null;
        var options = new GraphSessionOptions
        {
            GraphReady = graph =>
            {
                foreach (Node node in graph.TopologicalOrder())
                {
                    if (node.Name == name && node.ConstantOutput(0) is { } value)
                    {
                        found = value.Span<int>().ToArray();
                    }
                }
            },
        };
        using var session = new GraphSession(maker.Graph, OpCatalog.Registry, options);
        string[] feeds = [.. maker.Graph.Node.Where(node => node.Op == "Placeholder").Select(node => node.Name)];
        session.TryPrepare(feeds, [name], [], out _).ShouldBe(ServingStatus.Ok);
        return found;
    }

    private static int[] RunInts(GraphMaker maker, float[] x, string fetch)
    {
        int[]? first = null;
        foreach (string passes in (string[])["", "-fold_shapes", "-all"])
        {
            Run(maker, passes, x, fetch, out int[] answer).ShouldBe(ServingStatus.Ok);
            first ??= answer;
            answer.ShouldBe(first, passes);
        }

        return first!;
    }

    private static ServingStatus Run(GraphMaker maker, string passes, float[] values, string fetch, out int[] answer)
    {
        using GraphSession session = maker.Open(passes);
        Tensor x = Tensor.FromArray<float>(values, maker.Graph.Node.Any(node => node.Op == "MatMul") ? new Shape(values.Length / 2, 2) : new Shape(values.Length));
        var results = new Tensor?[1];
        session.TryPrepare(["x"], [fetch], [], out GraphCallable? callable).ShouldBe(ServingStatus.Ok);
        ServingStatus status = callable!.Run([x], results, CancellationToken.None);
        answer = results[0]?.Span<int>().ToArray() ?? [];
        results[0]?.Release();
        x.Release();
        return status;
    }
}
