using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Verification.Tests.Shapes;

/// <summary>
/// Holds shape inference to the tensors of real runs. Each graph is inferred with unknown feeds when it is made, and again in each run with
/// what is true of the feeds: all of it, and parts of it.
/// </summary>
internal sealed class ShapeChecker
{
    private readonly Dictionary<Node, Graph> _graphs = [];
    private readonly List<Tensor> _held = [];
    private readonly Dictionary<Graph, ShapeInference[]> _ofRun = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly OpRegistry _rows;
    private ShapeInference _unknown;
    private (string Name, Tensor Value)[] _feeds = [];

    public ShapeChecker(OpRegistry rows)
    {
        _rows = rows;
        _unknown = new ShapeInference(rows);
        Registry = new OpRegistry();
        foreach (OpRegistration row in rows.Rows)
        {
            Registry.Add(row.Name, row.Shape, builder => new CheckedKernel(row.Factory(builder), builder.Node, this), row.Traits);
        }
    }

    /// <summary>The same ops, with kernels that show their inputs.</summary>
    public OpRegistry Registry { get; }

    public List<string> Faults { get; } = [];

    /// <summary>By the class of the shape function; a shared one by its name.</summary>
    public SortedDictionary<string, ShapeCount> Counts { get; } = new(StringComparer.Ordinal);

    public void Add(Graph graph)
    {
        _unknown.Infer(graph);
        foreach (Node node in graph.TopologicalOrder())
        {
            _graphs[node] = graph;
            for (int i = 0; i < node.OutputTypes.Length; i++)
            {
                if (node.ConstantOutput(i) is { } value)
                {
                    _held.Add(value.AddRef());
                }
            }
        }
    }

    /// <summary>Infers a graph with arguments that need not make sense: that gives nonsense, but never a fault.</summary>
    public void InferNoise(Graph graph, int seed)
    {
#pragma warning disable CA5394 // Any numbers do.
        var random = new Random(seed);
        var inference = new ShapeInference(_rows);
        foreach (Node argument in graph.Arguments)
        {
            if (argument.OutputTypes[0].IsInteger() && random.Next(4) > 0)
            {
                long?[] elements = [.. Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(3) == 0 ? null : (long?)random.Next(-3, 6))];
                inference.SetIntegers(argument.Output(0), elements.Length == 1 && random.Next(2) == 0 ? PartialIntegers.Scalar(elements[0]) : PartialIntegers.Vector(elements));
            }
            else if (random.Next(5) > 0)
            {
                inference.SetShape(argument.Output(0), new PartialShape([.. Enumerable.Range(0, random.Next(7)).Select(_ => (long)random.Next(-1, 5))]));
            }
        }
#pragma warning restore CA5394

        inference.Infer(graph);
    }

    /// <summary>Forgets the graphs of a session.</summary>
    public void Clear()
    {
        _held.ForEach(value => value.Release());
        _held.Clear();
        _graphs.Clear();
        _unknown = new ShapeInference(_rows);
        EndRun();
    }

    public void BeginRun(IEnumerable<(string Name, Tensor Value)> feeds)
    {
        EndRun();
        _feeds = [.. feeds.Select(feed => (feed.Name.Split(':')[0], feed.Value))];
    }

    public void EndRun()
    {
        _feeds = [];
        _ofRun.Clear();
    }

    /// <summary>Checks what a run gave, where it is clear which graph ran.</summary>
    public void CheckResults(ReadOnlySpan<Tensor?> results)
    {
        int count = results.Length;
        Graph[] fitting = [.. _graphs.Values.Distinct().Where(graph => IsMain(graph) && graph.Results.Count == count)];
        for (int i = 0; i < count && fitting.Length == 1; i++)
        {
            Check(fitting[0].Results[i], results[i]!);
        }
    }

    public void Check(NodeOutput output, Tensor actual)
    {
        if (!_graphs.TryGetValue(output.Node, out Graph? graph) || (!actual.Objects.IsEmpty && actual.DType is not (DType.Resource or DType.Variant)))
        {
            return;
        }

        Check(_unknown, "unknown feeds", output, actual);
        ShapeInference[] ofRun = OfRun(graph);
        for (int i = 0; i < ofRun.Length; i++)
        {
            Check(ofRun[i], $"feeds known, variant {i}", output, actual);
        }

        if (output.Node.Op != Graph.ArgumentOp)
        {
            Count(output, actual, ofRun);
        }
    }

    private static string GroupOf(OpRegistration row)
    {
        Type type = row.Shape.Method.DeclaringType!;
        return type == typeof(ShapeFunctions) ? row.Shape.Method.Name : (type.Name[0] == '<' ? type.DeclaringType! : type).Name;
    }

    private void Count(NodeOutput output, Tensor actual, ShapeInference[] ofRun)
    {
        string group = GroupOf(_rows.Find(output.Node.Op)!);
        if (!Counts.TryGetValue(group, out ShapeCount? count))
        {
            Counts[group] = count = new ShapeCount();
        }

        count.Tensors++;
        count.RanksOfUnknown += _unknown.ShapeOf(output).HasRank ? 1 : 0;
        if (ofRun.Length > 0)
        {
            count.KnownShapes += ofRun[0].ShapeOf(output).IsFullyDefined ? 1 : 0;
            count.KnownValues += ofRun[0].IntegersOf(output) is { IsComplete: true } && actual.ElementCount > 0 ? 1 : 0;
        }
    }

    private void Check(ShapeInference inference, string variant, NodeOutput output, Tensor actual)
    {
        PartialShape shape = inference.ShapeOf(output);
        if (!shape.IsCompatibleWith(actual.Shape))
        {
            Add($"{output.Node.Op} {output.Node.Name}:{output.Index} with {variant}: inferred {shape}, is {actual.Shape}");
        }

        if (inference.IntegersOf(output) is { } integers && PartialIntegers.From(actual) is { } values)
        {
            bool isSame = integers.Elements.Count == values.Elements.Count && integers.IsScalar == values.IsScalar
                && integers.Elements.Zip(values.Elements).All(pair => pair.First is null || pair.First == pair.Second);
            if (!isSame)
            {
                Add($"{output.Node.Op} {output.Node.Name}:{output.Index} with {variant}: inferred {integers}, is {values}");
            }
        }
    }

    private void Add(string fault)
    {
        if (_known.Add(fault))
        {
            Faults.Add(fault);
        }
    }

    private bool IsMain(Graph graph) =>
        graph.Arguments.Select(argument => argument.Name).SequenceEqual(_feeds.Select(feed => feed.Name), StringComparer.Ordinal);

    /// <summary>
    /// The main graph inferred with what is true of the feeds. Variant 0: their shapes and the values of all but floats; then the shapes; then
    /// parts of the shapes, with and without values.
    /// </summary>
    private ShapeInference[] OfRun(Graph graph)
    {
        if (_ofRun.TryGetValue(graph, out ShapeInference[]? known))
        {
            return known;
        }

        Func<long, int, bool>[] hidden = [(_, _) => false, (_, _) => false, (_, i) => i == 0, (_, i) => i % 2 == 1, (size, _) => size == 1, (size, _) => size != 1, (_, _) => true];
        return _ofRun[graph] = !IsMain(graph) ? [] : [.. hidden.Select((hide, variant) => Infer(graph, hide, hasValues: variant % 2 == 0))];
    }

    private ShapeInference Infer(Graph graph, Func<long, int, bool> hide, bool hasValues)
    {
        var inference = new ShapeInference(_rows);
        foreach (Node argument in graph.Arguments)
        {
            Tensor value = _feeds[argument.ArgumentIndex].Value;
            if (hasValues && value.ElementCount <= PartialIntegers.MaxLength && !value.DType.IsFloating())
            {
                inference.SetValue(argument.Output(0), value);
            }
            else if (!hasValues && PartialIntegers.From(value) is { IsScalar: false } integers)
            {
                inference.SetIntegers(argument.Output(0), PartialIntegers.Vector([.. integers.Elements.Select((element, i) => hide(element!.Value, i) ? null : element)]));
            }
            else
            {
                inference.SetShape(argument.Output(0), new PartialShape([.. value.Shape.ToArray().Select((size, i) => hide(size, i) ? -1 : size)]));
            }
        }

        inference.Infer(graph);
        return inference;
    }
}
