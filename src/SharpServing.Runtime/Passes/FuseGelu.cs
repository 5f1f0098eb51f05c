using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;
using Tensorflow;
using NodeOutput = SharpServing.Runtime.Graphs.NodeOutput;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// Finds Gelu as frameworks write it, x/2 · (1 + erf(x/√2)) or x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), whatever the order of factors.
/// </summary>
internal sealed class FuseGelu : IGraphPass
{
    private const float Tolerance = 1e-5f;

    public string Name => "fuse_gelu";

    public void Run(Graph graph, PassContext context)
    {
        var uses = new UseCounts(graph);
        ShapeInference? shapes = null;
        var replacements = new Dictionary<NodeOutput, NodeOutput>();
        foreach (Node node in GraphWalk.Reachable(graph))
        {
            if (node.Op == "Mul" && node.OutputTypes is [DType.Float] && Match(node, uses) is { } match
                && FindConstantRank(node, match.X) is var rank && (rank == 0 || (shapes ??= ShapeInference.Run(graph, context.Registry)).ShapeOf(match.X).Rank >= rank))
            {
                var attributes = new AttributeMap(new() { ["approximate"] = new AttrValue { B = match.Approximate } }, FusedOps.Definition(FusedOps.Gelu));
                var gelu = new Node(node.Name, FusedOps.Definition(FusedOps.Gelu), attributes, [DType.Float]) { Origin = node.Origin };
                gelu.Inputs.Add(match.X);
                replacements[node.Output(0)] = gelu.Output(0);
            }
        }

        graph.Redirect(replacements);
    }

    private static (NodeOutput X, bool Approximate)? Match(Node root, UseCounts uses)
    {
        float constant = 1;
        var factors = new List<NodeOutput>();
        Flatten(root.Output(0), uses, isRoot: true, ref constant, factors);
        if (factors.Count != 2 || !Near(constant, 0.5f))
        {
            return null;
        }

        for (int i = 0; i < 2; i++)
        {
            NodeOutput x = factors[1 - i];
            if (OnePlus(factors[i]) is not { Index: 0 } inner)
            {
                continue;
            }

            if (inner.Node.Op == "Erf" && IsScaled(inner.Node.Inputs[0], x, 0.70710678f))
            {
                return (x, false);
            }

            if (inner.Node.Op == "Tanh" && IsTanhArgument(inner.Node.Inputs[0], x))
            {
                return (x, true);
            }
        }

        return null;
    }

    /// <summary>The largest rank of the constants of a match. Above that of x (<c>[1, 1] * x</c>) they would change the answer's rank.</summary>
    private static int FindConstantRank(Node root, NodeOutput x)
    {
        int rank = 0;
        var pending = new Stack<Node>([root]);
        while (pending.TryPop(out Node? node))
        {
            foreach (NodeOutput input in node.Inputs)
            {
                if (input.Constant is { } constant)
                {
                    rank = Math.Max(rank, constant.Rank);
                }
                else if (input != x)
                {
                    pending.Push(input.Node);
                }
            }
        }

        return rank;
    }

    /// <summary>The factors of a product tree and the product of its constants.</summary>
    private static void Flatten(NodeOutput output, UseCounts uses, bool isRoot, ref float constant, List<NodeOutput> factors)
    {
        if (ChannelConstant.TryScalar(output, out float scalar))
        {
            constant *= scalar;
        }
        else if (output.Node.Op == "Mul" && (isRoot || uses.OnlyReader(output) is not null))
        {
            Flatten(output.Node.Inputs[0], uses, isRoot: false, ref constant, factors);
            Flatten(output.Node.Inputs[1], uses, isRoot: false, ref constant, factors);
        }
        else
        {
            factors.Add(output);
        }
    }

    /// <summary>f when the output is 1 + f.</summary>
    private static NodeOutput? OnePlus(NodeOutput output)
    {
        if (output.Node.Op is not ("AddV2" or "Add"))
        {
            return null;
        }

        for (int i = 0; i < 2; i++)
        {
            if (ChannelConstant.TryScalar(output.Node.Inputs[i], out float one) && one == 1)
            {
                return output.Node.Inputs[1 - i];
            }
        }

        return null;
    }

    private static bool IsScaled(NodeOutput output, NodeOutput x, float factor)
    {
        Node node = output.Node;
        if (node.Op == "RealDiv")
        {
            return node.Inputs[0] == x && ChannelConstant.TryScalar(node.Inputs[1], out float divisor) && Near(1 / divisor, factor);
        }

        return node.Op == "Mul" && Split(node, out float scale) == x && Near(scale, factor);
    }

    /// <summary>√(2/π) (x + 0.044715 x³).</summary>
    private static bool IsTanhArgument(NodeOutput output, NodeOutput x)
    {
        if (output.Node.Op != "Mul" || Split(output.Node, out float scale) is not { } sum || !Near(scale, 0.7978845608f) || sum.Node.Op is not ("AddV2" or "Add"))
        {
            return false;
        }

        for (int i = 0; i < 2; i++)
        {
            if (sum.Node.Inputs[i] == x && sum.Node.Inputs[1 - i].Node is { Op: "Mul" } cubic
                && Split(cubic, out float factor) is { } cube && Near(factor, 0.044715f) && IsCube(cube, x))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsCube(NodeOutput output, NodeOutput x)
    {
        Node node = output.Node;
        if (node.Op == "Pow")
        {
            return node.Inputs[0] == x && ChannelConstant.TryScalar(node.Inputs[1], out float exponent) && exponent == 3;
        }

        if (node.Op != "Mul")
        {
            return false;
        }

        for (int i = 0; i < 2; i++)
        {
            Node square = node.Inputs[1 - i].Node;
            if (node.Inputs[i] == x
                && ((square.Op == "Square" && square.Inputs[0] == x) || (square.Op == "Mul" && square.Inputs[0] == x && square.Inputs[1] == x)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The operand that is no constant of a product with one.</summary>
    private static NodeOutput? Split(Node product, out float constant)
    {
        for (int i = 0; i < 2; i++)
        {
            if (ChannelConstant.TryScalar(product.Inputs[i], out constant))
            {
                return product.Inputs[1 - i];
            }
        }

        constant = 0;
        return null;
    }

    private static bool Near(float value, float expected) => MathF.Abs(value - expected) <= Tolerance * MathF.Abs(expected);
}
