using SharpServing.Ops.Array;
using SharpServing.Ops.Support;
using SharpServing.Tensors;

namespace SharpServing.Ops.Linalg;

/// <summary>A tensor (one reference) with a label for each dimension.</summary>
internal sealed class EinsumOperand(Tensor tensor, List<int> labels)
{
    public Tensor Tensor { get; private set; } = tensor;

    public List<int> Labels { get; private set; } = labels;

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
        Tensor sums = Tensor.Allocate(Tensor.DType, new Shape(Tensor.Shape.Dimensions[..kept.Count]));
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
