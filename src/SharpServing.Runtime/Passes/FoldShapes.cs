using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// Arithmetic on shapes that inference knows before the run becomes constants, and so does what follows from them. Feeds are unknown: what
/// is known comes from weights, attributes and constants. A node whose value is not needed any more still runs if it can fail.
/// </summary>
internal sealed class FoldShapes : IGraphPass
{
    public string Name => "fold_shapes";

    public void Run(Graph graph, PassContext context)
    {
        List<Node> order = graph.TopologicalOrder();
        if (!order.Exists(node => node.Op is "Shape" or "ShapeN" or "Size" or "Rank" && !node.IsConstant))
        {
            return;
        }

        var inference = new ShapeInference(context.Registry);
        var branches = new BranchNodes();
        var folded = new HashSet<Node>();
        foreach (Node node in order)
        {
            bool isOnBranch = branches.Visit(node);
            inference.Infer(node);
            if (isOnBranch || node.IsConstant || node.OutputTypes.Length == 0)
            {
                continue;
            }

            // A node that has all its values now is run: it may fail yet.
            if (node.Inputs.TrueForAll(input => input.Constant is not null)
                ? node.Inputs.Exists(input => folded.Contains(input.Node)) && ConstantFolding.TryFold(node, context)
                : CannotFailWhenKnown(node) && TryFold(node, inference, context))
            {
                folded.Add(node);
            }
        }

        KeepErrors(graph, order, folded, context);
    }

    /// <summary>What inference says holds if a node gives an answer. These give one where it knows all elements, and their inputs are there.</summary>
    private static bool CannotFailWhenKnown(Node node) =>
        node.Op is "Shape" or "ShapeN" or "Size" or "Rank"
        || (node.Op is "StridedSlice" or "Slice" or "Gather" or "GatherV2" && node.Inputs.Skip(1).All(input => input.Constant is not null));

    private static bool TryFold(Node node, ShapeInference inference, PassContext context)
    {
        if (!ConstantFolding.MayFold(node, context))
        {
            return false;
        }

        var values = new PartialIntegers[node.OutputTypes.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (node.OutputTypes[i] is not (DType.Int32 or DType.Int64) || inference.IntegersOf(node.Output(i)) is not { IsComplete: true } value)
            {
                return false;
            }

            values[i] = value;
        }

        for (int i = 0; i < values.Length; i++)
        {
            node.SetConstantOutput(i, values[i].ToTensor(node.OutputTypes[i]));
        }

        return true;
    }

    /// <summary>
    /// A folded node stood for its inputs too: those that nobody else runs any more, and that may fail, run for their errors.
    /// </summary>
    private static void KeepErrors(Graph graph, List<Node> order, HashSet<Node> folded, PassContext context)
    {
        if (folded.Count == 0)
        {
            return;
        }

        var live = new HashSet<Node>();
        var stack = new Stack<Node>();
        foreach (NodeOutput result in graph.Results)
        {
            Push(result.Node);
        }

        foreach (Node target in graph.Targets)
        {
            Push(target);
        }

        foreach (Node node in order)
        {
            if (ConstantFolding.HasEffect(node, context))
            {
                Push(node);
            }
        }

        PushInputs();
        var asked = new HashSet<Node>(folded);
        var behind = new Stack<Node>(folded);
        while (behind.TryPop(out Node? node))
        {
            foreach (NodeOutput input in node.Inputs)
            {
                Node source = input.Node;
                if (source.IsConstant || source.Op == Graph.ArgumentOp || live.Contains(source) || !asked.Add(source))
                {
                    continue;
                }

                if (CannotFail(source, context))
                {
                    behind.Push(source);
                    continue;
                }

                graph.Checks.Add(source);
                Push(source);
                PushInputs();
            }
        }

        void Push(Node node)
        {
            if (live.Add(node))
            {
                stack.Push(node);
            }
        }

        void PushInputs()
        {
            while (stack.TryPop(out Node? node))
            {
                if (!node.IsConstant)
                {
                    node.Inputs.ForEach(input => Push(input.Node));
                }
            }
        }
    }

    private static bool CannotFail(Node node, PassContext context) =>
        node.Op is "Shape" or "ShapeN" or "Rank"
        || (context.Registry.Find(node.Op) is { } row && (row.Traits & OpTraits.Identity) != OpTraits.None);
}
