using SharpServing.Ops.Array;
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
    }

    public override void Compute(OpContext context)
    {
        int count = _inputs.Length;
        var operands = new Operand[count];
        int ellipsis = 0;
        for (int i = 0; i < count; i++)
        {
            operands[i] = Operand.Make(context.Input(i), _inputs[i], i, out int broadcast);
            ellipsis = System.Math.Max(ellipsis, broadcast);
        }

        List<int> output = ParseOutput(ellipsis);
        var sizes = new Dictionary<int, long>();
        foreach (Operand operand in operands)
        {
            for (int d = 0; d < operand.Labels.Count; d++)
            {
                int label = operand.Labels[d];
                long size = operand.Tensor.Shape[d];
                if (!sizes.TryGetValue(label, out long known) || (label >= EllipsisBase && known == 1))
                {
                    sizes[label] = size;
                }
                else if (known != size && !(label >= EllipsisBase && size == 1))
                {
                    throw StatusException.InvalidArgument($"Expected dimension {known} at axis {d} of the input shaped {operand.Tensor.Shape} but got dimension {size}");
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

        for (int i = 0; i < count; i++)
        {
            operands[i].TakeDiagonals();
            int other = 1 - i;
            operands[i].SumAway(label => !output.Contains(label) && (count == 1 || !operands[other].Labels.Contains(label)));
        }

        List<int> distinct = [.. output.Distinct()];
        Operand result = count == 1 ? operands[0] : Multiply(operands[0], operands[1], distinct, sizes);
        result.PermuteTo(distinct, sizes);
        if (distinct.Count != output.Count)
        {
            result.WriteDiagonals(output, sizes);
        }

        context.SetOutput(0, result.Tensor);
    }

    private static Operand Multiply(Operand a, Operand b, List<int> output, Dictionary<int, long> sizes)
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
            TypedGemm.Run(
                a.Tensor, b.Tensor, c, new MatrixSizes(m, n, k, false, false),
                MatMulOps.MatrixIndices(aBatch, batchShape), MatMulOps.MatrixIndices(bBatch, batchShape));
        }

        a.Tensor.Release();
        b.Tensor.Release();
        return new Operand(c, labels);
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

    /// <summary>A tensor (one reference) with a label for each dimension.</summary>
    private sealed class Operand(Tensor tensor, List<int> labels)
    {
        public Tensor Tensor { get; private set; } = tensor;

        public List<int> Labels { get; private set; } = labels;

        public static Operand Make(Tensor tensor, string subscript, int index, out int broadcast)
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

            return new Operand(tensor.AddRef(), labels);
        }

        /// <summary>Where a label stands twice, keeps only elements whose indices agree.</summary>
        public void TakeDiagonals()
        {
            for (int i = 0; i < Labels.Count; i++)
            {
                int j = Labels.IndexOf(Labels[i], i + 1);
                if (j < 0)
                {
                    continue;
                }

                int rank = Labels.Count;
                int[] perm = [.. Enumerable.Range(0, rank).Where(d => d != i && d != j), i, j];
                Replace(TransposeOps.Permute(Tensor, perm));
                long size = Tensor.Shape[-1];
                var shape = new Shape(Tensor.Shape.Dimensions[..^1]);
                var writer = new ElementWriter(Tensor.DType, shape);
                long outer = shape.CountOf(0, shape.Rank - 1);
                for (long o = 0; o < outer; o++)
                {
                    for (long d = 0; d < size; d++)
                    {
                        writer.Write(Tensor, (o * size * size) + (d * size) + d, 1);
                    }
                }

                Replace(writer.Finish());
                Labels = [.. perm[..^1].Select(d => Labels[d])];
                i = -1;
            }
        }

        public void SumAway(Func<int, bool> drop)
        {
            List<int> kept = [.. Labels.Where(label => !drop(label))];
            if (kept.Count == Labels.Count)
            {
                return;
            }

            List<int> dropped = [.. Labels.Where(drop)];
            int[] perm = [.. kept.Concat(dropped).Select(label => Labels.IndexOf(label))];
            Replace(TransposeOps.Permute(Tensor, perm));
            long rows = Tensor.Shape.CountOf(0, kept.Count);
            long columns = Tensor.Shape.CountOf(kept.Count, Tensor.Rank);
            Tensor ones = Tensor.Allocate(Tensor.DType, new Shape(columns));
            Tensor one = FillOps.One(Tensor.DType);
            for (int i = 0; i < columns; i++)
            {
                one.Bytes.CopyTo(ones.Bytes[(i * one.Bytes.Length)..]);
            }

            one.Release();
            Tensor sums = Tensor.Allocate(Tensor.DType, Part(Tensor.Shape, 0, kept.Count));
            if (rows > 0)
            {
                TypedGemm.Run(Tensor, ones, sums, new MatrixSizes(rows, 1, columns, false, false), [0], [0]);
            }

            ones.Release();
            Replace(sums);
            Labels = kept;
        }

        /// <summary>Dimensions in the order of <paramref name="order"/>; labels this operand lacks become size 1 (or are repeated to full size).</summary>
        public void PermuteTo(List<int> order, Dictionary<int, long> sizes, bool keepOnes = false)
        {
            int[] perm = [.. order.Where(Labels.Contains).Select(label => Labels.IndexOf(label))];
            if (perm.Length != Labels.Count)
            {
                throw StatusException.InvalidArgument("Einsum: an output lacks a dimension that no sum takes away");
            }

            Replace(TransposeOps.Permute(Tensor, perm));
            Span<long> full = stackalloc long[order.Count];
            Span<long> own = stackalloc long[order.Count];
            int at = 0;
            for (int i = 0; i < order.Count; i++)
            {
                full[i] = sizes[order[i]];
                own[i] = Labels.Contains(order[i]) ? Tensor.Shape[at++] : 1;
            }

            var ownShape = new Shape(own);
            if (ownShape != Tensor.Shape)
            {
                Replace(Tensor.View(ownShape));
            }

            var fullShape = new Shape(full);
            if (!keepOnes && fullShape != ownShape)
            {
                Replace(JoinOps.Broadcast(Tensor, fullShape));
            }

            Labels = [.. order];
        }

        /// <summary>Spreads a tensor with one dimension for each distinct label onto the diagonals of one with repeated labels.</summary>
        public void WriteDiagonals(List<int> output, Dictionary<int, long> sizes)
        {
            Span<long> full = stackalloc long[output.Count];
            for (int i = 0; i < full.Length; i++)
            {
                full[i] = sizes[output[i]];
            }

            var shape = new Shape(full);
            Tensor spread = Tensor.Zeros(Tensor.DType, shape);
            int size = Tensor.DType.SizeOf();
            for (long n = 0; n < Tensor.ElementCount; n++)
            {
                long flat = n;
                var index = new Dictionary<int, long>();
                for (int d = Labels.Count - 1; d >= 0; d--)
                {
                    index[Labels[d]] = flat % Tensor.Shape[d];
                    flat /= Tensor.Shape[d];
                }

                long target = 0;
                for (int d = 0; d < output.Count; d++)
                {
                    target = (target * shape[d]) + index[output[d]];
                }

                Tensor.Bytes.Slice((int)(n * size), size).CopyTo(spread.Bytes[(int)(target * size)..]);
            }

            Replace(spread);
            Labels = output;
        }

        private void Replace(Tensor next)
        {
            Tensor.Release();
            Tensor = next;
        }
    }
}
