using SharpServing.Ops.Array;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Tensors;

namespace SharpServing.Ops.Linalg;

/// <summary>
/// An equation that is one batched product of two operands: no ellipsis, no label twice in one term, none in one operand alone that the output
/// lacks. All but the sizes is known from the equation.
/// </summary>
internal sealed class EinsumProduct
{
    /// <summary>For each dimension of the first operand, the one of the second with the same label; -1: none.</summary>
    private readonly int[] _shared;
    private readonly int _secondRank;
    private readonly int _batch;
    private readonly int _firstFree;
    private readonly int[] _firstOrder;
    private readonly int[] _secondOrder;
    private readonly int[] _outputOrder;

    private EinsumProduct(string first, string second, string output)
    {
        string batch = string.Concat(output.Where(label => first.Contains(label, StringComparison.Ordinal) && second.Contains(label, StringComparison.Ordinal)));
        string summed = string.Concat(first.Where(label => second.Contains(label, StringComparison.Ordinal) && !output.Contains(label, StringComparison.Ordinal)));
        string firstFree = string.Concat(first.Where(label => !second.Contains(label, StringComparison.Ordinal)));
        string secondFree = string.Concat(second.Where(label => !first.Contains(label, StringComparison.Ordinal)));
        _shared = Order(second, first);
        _secondRank = second.Length;
        _batch = batch.Length;
        _firstFree = firstFree.Length;
        _firstOrder = Order(first, batch + firstFree + summed);
        _secondOrder = Order(second, batch + summed + secondFree);
        
        // The product has batch, free labels of the first, free labels of the second.
        _outputOrder = Order(batch + firstFree + secondFree, output);
    }

    /// <returns><see langword="null"/>: an equation of another form.</returns>
    public static EinsumProduct? TryMake(string[] inputs, string output)
    {
        if (inputs.Length != 2 || !IsPlain(inputs[0]) || !IsPlain(inputs[1]) || !IsPlain(output))
        {
            return null;
        }

        bool fits = inputs[0].All(label => output.Contains(label, StringComparison.Ordinal) || inputs[1].Contains(label, StringComparison.Ordinal))
            && inputs[1].All(label => output.Contains(label, StringComparison.Ordinal) || inputs[0].Contains(label, StringComparison.Ordinal))
            && output.All(label => inputs[0].Contains(label, StringComparison.Ordinal) || inputs[1].Contains(label, StringComparison.Ordinal));
        return fits ? new EinsumProduct(inputs[0], inputs[1], output) : null;
    }

    /// <returns>False: the operands' shapes do not go with the equation, and nothing was done.</returns>
    public bool TryRun(OpContext context)
    {
        Tensor first = context.Input(0);
        Tensor second = context.Input(1);
        if (first.Rank != _shared.Length || second.Rank != _secondRank || !IsSameSizes(first.Shape, second.Shape))
        {
            return false;
        }

        Tensor a = TransposeOps.Permute(first, _firstOrder);
        Tensor b = TransposeOps.Permute(second, _secondOrder);
        int summed = _shared.Length - _batch - _firstFree;
        Span<long> sizes = stackalloc long[_outputOrder.Length];
        a.Shape.Dimensions[..(_batch + _firstFree)].CopyTo(sizes);
        b.Shape.Dimensions[(_batch + summed)..].CopyTo(sizes[(_batch + _firstFree)..]);
        Tensor c = Tensor.Allocate(first.DType, new Shape(sizes));
        if (c.ElementCount > 0)
        {
            long m = a.Shape.CountOf(_batch, _batch + _firstFree);
            long k = a.Shape.CountOf(_batch + _firstFree, a.Rank);
            long n = b.Shape.CountOf(_batch + summed, b.Rank);
            using var matrices = new Scratch<long>(a.Shape.CountOf(0, _batch));
            for (int i = 0; i < matrices.Span.Length; i++)
            {
                matrices.Span[i] = i;
            }

            TypedGemm.Run(a, b, c, new MatrixSizes(m, n, k, false, false), matrices.Span, matrices.Span);
        }

        a.Recycle();
        b.Recycle();
        context.SetOutput(0, TransposeOps.Permute(c, _outputOrder));
        c.Recycle();
        return true;
    }

    private static bool IsPlain(string labels) => labels.All(char.IsAsciiLetter) && labels.Distinct().Count() == labels.Length;

    private static int[] Order(string from, string to) => [.. to.Select(label => from.IndexOf(label, StringComparison.Ordinal))];

    private bool IsSameSizes(in Shape first, in Shape second)
    {
        for (int i = 0; i < _shared.Length; i++)
        {
            if (_shared[i] >= 0 && first[i] != second[_shared[i]])
            {
                return false;
            }
        }

        return true;
    }
}
