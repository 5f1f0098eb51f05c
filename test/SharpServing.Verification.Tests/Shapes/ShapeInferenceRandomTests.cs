using System.Globalization;
using SharpServing.Ops;
using SharpServing.Runtime;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Verification.Tests.Shapes;

/// <summary>What inference says of random nodes must hold for what their kernels give.</summary>
public sealed class ShapeInferenceRandomTests
{
    private const int CasesOfAnOp = 400;

    public static TheoryData<string> Ops => [.. RandomOpCases.Ops];

    [Theory]
    [MemberData(nameof(Ops))]
    public void Infer_RandomNode_Holds(string op)
    {
        var checker = new ShapeChecker(OpCatalog.Registry);
        var backend = new ShapeCheckingBackend(checker, "-all");
        var cases = new RandomOpCases(op.Sum(c => c));
        int answered = 0;
        for (int i = 0; i < CasesOfAnOp; i++)
        {
            (NodeDef node, Tensor[] inputs) = cases.Make(op);
            answered += Run(backend, node, inputs) ? 1 : 0;
            foreach (Tensor input in inputs)
            {
                input.Release();
            }
        }

        string.Join('\n', checker.Faults.Take(20)).ShouldBeEmpty();
        answered.ShouldBeGreaterThan(CasesOfAnOp / 8);
        checker.Counts.Values.Sum(count => count.Tensors).ShouldBeGreaterThanOrEqualTo(answered);
        checker.Counts.Values.Sum(count => count.KnownShapes).ShouldBeGreaterThanOrEqualTo(answered * 4 / 5);
    }

    private static bool Run(ShapeCheckingBackend backend, NodeDef node, Tensor[] inputs)
    {
        var graph = new GraphDef { Versions = new VersionDef { Producer = 2000 } };
        string[] feeds = [.. inputs.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"x{i}"))];
        for (int i = 0; i < inputs.Length; i++)
        {
            graph.Node.Add(new NodeDef { Name = feeds[i], Op = "Placeholder", Attr = { ["dtype"] = TypeOf(inputs[i]) } });
        }

        node.Input.Add(feeds);
        foreach (string attribute in (string[])["T", "Index", "Tshape", "Tidx", "Taxis", "Tindices", "Tparams", "Tpaddings", "Tperm", "Tmultiples", "Tdim", "Tlen", "TI"])
        {
            bool isOfData = attribute is "T" or "Tparams";
            node.Attr[attribute] = isOfData ? TypeOf(node.Op is "Split" or "OneHot" or "Select" or "SelectV2" ? inputs[^1] : inputs[0]) : new AttrValue { Type = DataType.DtInt32 };
        }

        graph.Node.Add(node);
        if (!backend.TryOpenGraph(graph, allowSoftPlacement: false, out IGraphSession? session).IsOk)
        {
            return false;
        }

        int outputs = node.Attr.TryGetValue("num_split", out AttrValue? split) ? (int)split.I : node.Attr.TryGetValue("num", out AttrValue? parts) ? (int)parts.I : 1;
        string[] fetches = [.. Enumerable.Range(0, outputs).Select(i => string.Create(CultureInfo.InvariantCulture, $"{node.Name}:{i}"))];
        var results = new Tensor?[outputs];
        bool isOk = outputs > 0 && session!.TryPrepare(feeds, fetches, [], out GraphCallable? callable).IsOk
            && callable!.Run(inputs, results, CancellationToken.None).IsOk;
        foreach (Tensor? result in results)
        {
            result?.Release();
        }

        session!.Dispose();
        return isOk;
    }

    private static AttrValue TypeOf(Tensor tensor) => new() { Type = (DataType)(int)tensor.DType };
}
