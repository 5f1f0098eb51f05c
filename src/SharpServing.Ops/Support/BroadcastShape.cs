using SharpServing.Tensors;

namespace SharpServing.Ops.Support;

/// <summary>NumPy's broadcasting rule for two shapes.</summary>
internal static class BroadcastShape
{
    public static bool TryCombine(in Shape a, in Shape b, out Shape result)
    {
        if (a == b)
        {
            result = a;
            return true;
        }

        int rank = System.Math.Max(a.Rank, b.Rank);
        Span<long> sizes = stackalloc long[rank];
        for (int i = 1; i <= rank; i++)
        {
            long left = i <= a.Rank ? a[a.Rank - i] : 1;
            long right = i <= b.Rank ? b[b.Rank - i] : 1;
            if (left != right && left != 1 && right != 1)
            {
                result = default;
                return false;
            }

            sizes[rank - i] = left == 1 ? right : left;
        }

        return Shape.TryCreate(sizes, out result);
    }

    /// <exception cref="StatusException">INVALID_ARGUMENT: <c>Incompatible shapes: [2] vs. [3]</c>.</exception>
    public static Shape Combine(in Shape a, in Shape b) =>
        TryCombine(a, b, out Shape result) ? result : throw StatusException.InvalidArgument($"Incompatible shapes: {a} vs. {b}");
}
