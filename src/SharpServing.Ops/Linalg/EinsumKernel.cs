using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Linalg;

/// <summary>
/// Runs one equation. Labels are letters; an ellipsis stands for as many broadcast dimensions as the operand has left. Repeated labels
/// within an operand take its diagonal; in the output they write one.
/// </summary>
internal sealed class EinsumKernel : OpKernel
{
    /// <summary>Labels of ellipsis dimensions are counted down from here: 1 is the innermost.</summary>
    private const int EllipsisBase = 0x10000;

    private readonly string[] _inputs;
    private readonly string _output;
    private readonly EinsumProduct? _product;

    public EinsumKernel(string equation, int inputCount)
    {
        string[] sides = equation.Split("->");
        if (sides.Length != 2)
        {
            throw StatusException.InvalidArgument($"Expecting exactly one '->' in einsum equation: {equation}");
        }

        _inputs = sides[0].Split(',');
        _output = sides[1];
        if (_inputs.Length != inputCount)
        {
            throw StatusException.InvalidArgument($"Expecting {inputCount} input subscripts in equation '{equation}' but got: {_inputs.Length}");
        }

        if (_inputs.Length > 2)
        {
            throw StatusException.InvalidArgument($"Expecting 1 or 2 input subscripts in equation '{equation}' but got: {_inputs.Length}");
        }

        _product = EinsumProduct.TryMake(_inputs, _output);
    }

    public override void Compute(OpContext context)
    {
        if (_product is not null && _product.TryRun(context))
        {
            return;
        }

        int count = _inputs.Length;
        var labels = new List<int>[count];
        int ellipsis = 0;
        for (int i = 0; i < count; i++)
        {
            labels[i] = ParseLabels(context.Input(i), _inputs[i], i, out int broadcast);
            ellipsis = System.Math.Max(ellipsis, broadcast);
        }

        List<int> output = ParseOutput(ellipsis);
        Dictionary<int, long> sizes = FindSizes(context, labels, output);

        // Nothing is refused from here on: operands hold references.
        var operands = new EinsumOperand[count];
        for (int i = 0; i < count; i++)
        {
            operands[i] = new EinsumOperand(context.Input(i).AddRef(), labels[i]);
        }

        for (int i = 0; i < count; i++)
        {
            operands[i].TakeDiagonals();
            int other = 1 - i;
            operands[i].SumAway(label => !output.Contains(label) && (count == 1 || !operands[other].Labels.Contains(label)));
        }

        List<int> distinct = [.. output.Distinct()];
        EinsumOperand result = count == 1 ? operands[0] : Multiply(operands[0], operands[1], distinct, sizes);
        result.PermuteTo(distinct, sizes);
        if (distinct.Count != output.Count)
        {
            result.WriteDiagonals(output, sizes);
        }

        context.SetOutput(0, result.Tensor);
    }

    /// <summary>Size of each label; those of ellipsis dimensions after broadcasting.</summary>
    private static Dictionary<int, long> FindSizes(OpContext context, List<int>[] labels, List<int> output)
    {
        var sizes = new Dictionary<int, long>();
        bool isBroadcast = true;
        for (int i = 0; i < labels.Length; i++)
        {
            Shape shape = context.Input(i).Shape;
            for (int d = 0; d < shape.Rank; d++)
            {
                int label = labels[i][d];
                if (!sizes.TryGetValue(label, out long known) || (label >= EllipsisBase && known == 1))
                {
                    sizes[label] = shape[d];
                }
                else if (known != shape[d] && label < EllipsisBase)
                {
                    throw StatusException.InvalidArgument($"Expected dimension {known} at axis {d} of the input shaped {shape} but got dimension {shape[d]}");
                }
                else
                {
                    isBroadcast &= known == shape[d] || shape[d] == 1;
                }
            }
        }

        foreach (int label in output)
        {
            if (!sizes.ContainsKey(label))
            {
                throw StatusException.InvalidArgument($"Expecting output label {(char)label} to appear in an input");
            }
        }

        if (!isBroadcast)
        {
            Shape first = ContractionShape(context.Input(0).Shape, labels[0], labels[1], output);
            Shape second = ContractionShape(context.Input(1).Shape, labels[1], labels[0], output);
            throw StatusException.InvalidArgument($"Invalid broadcasting dimensions: {first} vs. {second}");
        }

        return sizes;
    }

    /// <summary>
    /// The shape that TensorFlow multiplies an operand in, for its text: ellipsis and batch dimensions, then one for all free and one for
    /// all summed dimensions, the summed ones first where the operand has them so.
    /// </summary>
    private static Shape ContractionShape(in Shape shape, List<int> labels, List<int> others, List<int> output)
    {
        var outer = new List<long>();
        var batch = new List<long>();
        long free = 1;
        long summed = 1;
        int lastKind = 0;
        bool isSummedFirst = true;
        for (int d = 0; d < labels.Count; d++)
        {
            bool isShared = others.Contains(labels[d]);
            int kind = labels[d] >= EllipsisBase ? 0 : isShared && output.Contains(labels[d]) ? 1 : isShared ? 2 : output.Contains(labels[d]) ? 3 : 4;
            isSummedFirst &= kind >= lastKind;
            lastKind = kind;
            switch (kind)
            {
                case 0:
                    outer.Add(shape[d]);
                    break;
                case 1:
                    batch.Add(shape[d]);
                    break;
                case 2:
                    summed *= shape[d];
                    break;
                case 3:
                    free *= shape[d];
                    break;
            }
        }

        return new Shape([.. outer, .. batch, isSummedFirst ? summed : free, isSummedFirst ? free : summed]);
    }

    private static List<int> ParseLabels(Tensor tensor, string subscript, int index, out int broadcast)
    {
        int named = subscript.Replace("...", "", StringComparison.Ordinal).Length;
        bool hasEllipsis = subscript.Contains("...", StringComparison.Ordinal);
        broadcast = hasEllipsis ? tensor.Rank - named : 0;
        if (broadcast < 0 || (!hasEllipsis && named != tensor.Rank))
        {
            throw StatusException.InvalidArgument(
                hasEllipsis
                    ? $"Expected input {index} to have rank at least {named} but got: {tensor.Rank}"
                    : $"Expected input {index} to have rank {named} but got: {tensor.Rank}");
        }

        var labels = new List<int>();
        for (int i = 0; i < subscript.Length; i++)
        {
            if (subscript[i] == '.')
            {
                for (int e = broadcast; e > 0; e--)
                {
                    labels.Add(EllipsisBase + e);
                }

                i += 2;
            }
            else
            {
                labels.Add(subscript[i]);
            }
        }

        return labels;
    }

    private static EinsumOperand Multiply(EinsumOperand a, EinsumOperand b, List<int> output, Dictionary<int, long> sizes)
    {
        List<int> batch = [.. output.Where(label => a.Labels.Contains(label) && b.Labels.Contains(label))];
        List<int> contracted = [.. a.Labels.Where(label => b.Labels.Contains(label) && !output.Contains(label))];
        List<int> aFree = [.. a.Labels.Where(label => !b.Labels.Contains(label))];
        List<int> bFree = [.. b.Labels.Where(label => !a.Labels.Contains(label))];

        // Ellipsis dimensions of size 1 on one side only are broadcast by the batched product.
        a.PermuteTo([.. batch, .. aFree, .. contracted], sizes, keepOnes: true);
        b.PermuteTo([.. batch, .. contracted, .. bFree], sizes, keepOnes: true);
        Shape aBatch = Part(a.Tensor.Shape, 0, batch.Count);
        Shape bBatch = Part(b.Tensor.Shape, 0, batch.Count);
        Shape batchShape = BroadcastShape.Combine(aBatch, bBatch);
        long m = a.Tensor.Shape.CountOf(batch.Count, batch.Count + aFree.Count);
        long k = a.Tensor.Shape.CountOf(batch.Count + aFree.Count, a.Tensor.Rank);
        long n = b.Tensor.Shape.CountOf(batch.Count + contracted.Count, b.Tensor.Rank);

        List<int> labels = [.. batch, .. aFree, .. bFree];
        Span<long> shape = stackalloc long[labels.Count];
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = i < batch.Count ? batchShape[i] : sizes[labels[i]];
        }

        Tensor c = Tensor.Allocate(a.Tensor.DType, new Shape(shape));
        if (c.ElementCount > 0)
        {
            int count = (int)batchShape.ElementCount;
            using var indices = new Scratch<long>(2 * count);
            MatMulOps.FillMatrixIndices(aBatch, batchShape, indices.Span[..count]);
            MatMulOps.FillMatrixIndices(bBatch, batchShape, indices.Span[count..]);
            TypedGemm.Run(a.Tensor, b.Tensor, c, new MatrixSizes(m, n, k, false, false), indices.Span[..count], indices.Span[count..]);
        }

        a.Tensor.Release();
        b.Tensor.Release();
        return new EinsumOperand(c, labels);
    }

    private static Shape Part(in Shape shape, int from, int to) => new(shape.Dimensions[from..to]);

    private List<int> ParseOutput(int ellipsis)
    {
        var labels = new List<int>();
        for (int i = 0; i < _output.Length; i++)
        {
            if (_output[i] == '.' && i + 2 < _output.Length)
            {
                for (int e = ellipsis; e > 0; e--)
                {
                    labels.Add(EllipsisBase + e);
                }

                i += 2;
            }
            else
            {
                labels.Add(_output[i]);
            }
        }

        return labels;
    }
}
