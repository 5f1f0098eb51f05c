using SharpServing.Kernels;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Graphs;
using SharpServing.Tensors;
using Tensorflow;
using NodeOutput = SharpServing.Runtime.Graphs.NodeOutput;

namespace SharpServing.Runtime.Passes;

/// <summary>
/// Convolutions and matrix products with constant weights take over what only they feed: bias, batch norm and other numbers a channel
/// (folded into the weights when they are packed), one residual addition, one activation.
/// </summary>
internal sealed class FuseLinear : IGraphPass
{
    public string Name => "fuse_linear";

    public void Run(Graph graph, PassContext context)
    {
        var uses = new UseCounts(graph);
        var replacements = new Dictionary<NodeOutput, NodeOutput>();
        var taken = new HashSet<Node>();
        foreach (Node node in graph.TopologicalOrder())
        {
            if (taken.Contains(node) || node.ControlInputs.Count > 0 || Start(node) is not { } linear)
            {
                continue;
            }

            linear.Follow(uses, taken);
            if (linear.Length > 0)
            {
                replacements[linear.End] = linear.MakeNode().Output(0);
            }
        }

        graph.Redirect(replacements);
    }

    private static Chain? Start(Node node)
    {
        if (node.Inputs.Count < 2 || node.Inputs[1].Constant is not { DType: DType.Float } weights || node.OutputTypes is not [DType.Float, ..] || weights.ElementCount == 0)
        {
            return null;
        }

        bool channelsLast = !node.Attributes.Has("data_format") || node.Attributes.String("data_format") == "NHWC";
        switch (node.Op)
        {
            case "Conv2D" when weights.Rank == 4 && channelsLast:
                return new Chain(node, FusedOps.Conv2D, weights.Shape[3], 4);
            case "DepthwiseConv2dNative" when weights.Rank == 4 && channelsLast:
                return new Chain(node, FusedOps.DepthwiseConv2D, weights.Shape[2] * weights.Shape[3], 4);
            case "MatMul" when weights.Rank == 2:
                return new Chain(node, FusedOps.MatMul, weights.Shape[node.Attributes.Bool("transpose_b") ? 0 : 1], 2);
            case "BatchMatMulV2" when weights.Rank == 2 && !node.Attributes.Bool("adj_x"):
                return new Chain(node, FusedOps.MatMul, weights.Shape[node.Attributes.Bool("adj_y") ? 0 : 1], 1);
            default:
                return null;
        }
    }

    /// <summary>A product and the nodes behind it that it takes over.</summary>
    private sealed class Chain
    {
        private readonly Node _start;
        private readonly string _op;
        private readonly long _channels;
        private readonly int _rank;
        private float[]? _scale;
        private float[]? _shift;
        private NodeOutput? _residual;
        private Activation _activation;
        private float _alpha;
        private bool _refuseGroups;

        // TensorFlow fuses bias and some activations too, and its errors then name the last of them.
        private Node _named;

        public Chain(Node start, string op, long channels, int rank)
        {
            _start = start;
            _named = start;
            _op = op;
            _channels = channels;
            _rank = rank;
            End = start.Output(0);
        }

        public NodeOutput End { get; private set; }

        public int Length { get; private set; }

        public void Follow(UseCounts uses, HashSet<Node> taken)
        {
            while (uses.OnlyReader(End) is { ControlInputs.Count: 0 } next && Take(next, uses))
            {
                taken.Add(next);
                bool isBias = Length == 0 && next.Op is ("BiasAdd" or "FusedBatchNorm" or "FusedBatchNormV2" or "FusedBatchNormV3");
                if (_start.Op != "BatchMatMulV2" && (isBias || (Length == 1 && _named != _start && next.Op is ("Relu" or "Relu6" or "Elu" or "LeakyRelu"))))
                {
                    _named = next;
                }

                // These TensorFlow fuses as well, and its fused convolution knows no groups: a request with too many channels is refused. (A graph
                // that means groups has them where no request decides.)
                _refuseGroups |= isBias && _start.Inputs[0].Node.Op == Graph.ArgumentOp;
                End = next.Output(0);
                Length++;
            }
        }

        public Node MakeNode()
        {
            var attributes = new Google.Protobuf.Collections.MapField<string, AttrValue>();
            foreach ((string name, AttrValue value) in _start.Attributes.Values)
            {
                if (name is "strides" or "padding" or "explicit_paddings" or "data_format" or "dilations" or "transpose_a" or "transpose_b")
                {
                    attributes[name] = value;
                }
            }

            if (_start.Op == "BatchMatMulV2")
            {
                attributes["matrices"] = new AttrValue { B = false };
                attributes["transpose_b"] = new AttrValue { B = _start.Attributes.Bool("adj_y") };
            }

            var extras = new List<NodeOutput>();
            if (_scale is not null)
            {
                extras.Add(Constant(_scale));
            }

            if (_shift is not null)
            {
                extras.Add(Constant(_shift));
            }

            if (_residual is { } residual)
            {
                extras.Add(residual);
            }

            attributes["refuse_groups"] = new AttrValue { B = _refuseGroups };
            attributes["N"] = new AttrValue { I = extras.Count };
            attributes["has_scale"] = new AttrValue { B = _scale is not null };
            attributes["has_bias"] = new AttrValue { B = _shift is not null };
            attributes["has_residual"] = new AttrValue { B = _residual is not null };
            attributes["activation"] = new AttrValue { I = (long)_activation };
            attributes["alpha"] = new AttrValue { F = _alpha };
            var node = new Node(_named.Name, FusedOps.Definition(_op), new AttributeMap(attributes, FusedOps.Definition(_op)), [DType.Float])
            {
                Origin = _named.Origin,
            };
            node.Inputs.Add(_start.Inputs[0]);
            node.Inputs.Add(_start.Inputs[1]);
            node.Inputs.AddRange(extras);
            return node;
        }

        private NodeOutput Constant(float[] values) =>
            Graph.MakeConstant(_start.Name, Tensor.FromArray<float>(DType.Float, values, new Shape(values.Length))).Output(0);

        private bool Take(Node next, UseCounts uses)
        {
            if (_activation != Activation.None)
            {
                return false;
            }

            if (TakeActivation(next))
            {
                return true;
            }

            if (_residual is not null)
            {
                return false;
            }

            switch (next.Op)
            {
                case "BiasAdd" when next.Inputs[0] == End && Read(next.Inputs[1]) is { } bias
                    && (!next.Attributes.Has("data_format") || next.Attributes.String("data_format") != "NCHW"):
                    Shift(bias, 1);
                    return true;
                case "AddV2" or "Add":
                    NodeOutput other = next.Inputs[next.Inputs[0] == End ? 1 : 0];
                    if (Read(other) is { } addend)
                    {
                        Shift(addend, 1);
                        return true;
                    }

                    if (other.Constant is null && _op != FusedOps.DepthwiseConv2D)
                    {
                        _residual = other;
                        return true;
                    }

                    return false;
                case "Sub" when next.Inputs[0] == End && Read(next.Inputs[1]) is { } subtrahend:
                    Shift(subtrahend, -1);
                    return true;
                case "Mul" when Read(next.Inputs[next.Inputs[0] == End ? 1 : 0]) is { } factor:
                    Multiply(factor);
                    return true;
                case "FusedBatchNorm" or "FusedBatchNormV2" or "FusedBatchNormV3":
                    return TakeBatchNorm(next, uses);
                default:
                    return false;
            }
        }

        private float[]? Read(NodeOutput output) => ChannelConstant.Read(output, _channels, _rank);

        private bool TakeActivation(Node next)
        {
            Activation activation = next.Op switch
            {
                "Relu" => Activation.Relu,
                "Relu6" => Activation.Relu6,
                "LeakyRelu" => Activation.LeakyRelu,
                "Elu" => Activation.Elu,
                "Selu" => Activation.Selu,
                "Tanh" => Activation.Tanh,
                "Sigmoid" => Activation.Sigmoid,
                "Softplus" => Activation.Softplus,
                FusedOps.Gelu => next.Attributes.Bool("approximate") ? Activation.GeluTanh : Activation.GeluErf,
                _ => Activation.None,
            };
            if (activation == Activation.None)
            {
                return false;
            }

            _activation = activation;
            _alpha = next.Op == "LeakyRelu" ? next.Attributes.Float("alpha") : 0;
            return true;
        }

        private bool TakeBatchNorm(Node next, UseCounts uses)
        {
            if (next.Inputs[0] != End || next.Attributes.Bool("is_training") || next.Attributes.String("data_format") != "NHWC" || _rank != 4)
            {
                return false;
            }

            for (int i = 1; i < next.OutputTypes.Length; i++)
            {
                if (uses.IsRead(next.Output(i)))
                {
                    return false;
                }
            }

            if (Read(next.Inputs[1]) is not { } gamma || Read(next.Inputs[2]) is not { } beta
                || Read(next.Inputs[3]) is not { } mean || Read(next.Inputs[4]) is not { } variance)
            {
                return false;
            }

            float epsilon = next.Attributes.Float("epsilon");
            for (int c = 0; c < gamma.Length; c++)
            {
                gamma[c] /= MathF.Sqrt(variance[c] + epsilon);
                beta[c] -= mean[c] * gamma[c];
            }

            Multiply(gamma);
            Shift(beta, 1);
            return true;
        }

        private void Multiply(float[] factor)
        {
            _scale = _scale is null ? factor : [.. _scale.Select((value, c) => value * factor[c])];
            _shift = _shift is null ? null : [.. _shift.Select((value, c) => value * factor[c])];
        }

        private void Shift(float[] addend, float sign) =>
            _shift = [.. addend.Select((value, c) => (_shift is null ? 0 : _shift[c]) + (sign * value))];
    }
}
