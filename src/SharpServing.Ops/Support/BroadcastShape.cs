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

    /// <summary>The same for elementwise kernels, which merge neighbouring dimensions and take five of what is left.</summary>
    /// <exception cref="StatusException">INVALID_ARGUMENT as <see cref="Combine"/>; UNIMPLEMENTED: the shapes alternate too often.</exception>
    public static Shape CombineForKernel(in Shape a, in Shape b)
    {
        Shape result = Combine(a, b);
        if (result.Rank > 5 && MergedRank(a, b, result) > 5)
        {
            throw StatusException.Unimplemented($"Broadcast between {a} and {b} is not supported yet.");
        }

        return result;
    }

    private static int MergedRank(in Shape a, in Shape b, in Shape result)
    {
        int rank = 0;
        int previous = -1;
        for (int i = 1; i <= result.Rank; i++)
        {
            long left = i <= a.Rank ? a[a.Rank - i] : 1;
            long right = i <= b.Rank ? b[b.Rank - i] : 1;
            if (left == 1 && right == 1)
            {
                continue;
            }

            int state = left == right ? 0 : left == 1 ? 1 : 2;
            rank += state != previous ? 1 : 0;
            previous = state;
        }

        return rank;
    }
}
