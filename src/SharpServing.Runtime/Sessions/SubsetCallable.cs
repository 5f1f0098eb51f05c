using System.Buffers;
using SharpServing.Runtime.Execution;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Sessions;

/// <summary>
/// Some outputs of a signature that is compiled already (an output filter), with some of its inputs: only the steps that they need run, on the
/// signature's own constants. A feed that the caller leaves out is made as the graph makes it: by its default, or by the refusal of a placeholder.
/// </summary>
internal sealed class SubsetCallable : GraphCallable
{
    private readonly CompiledCallable _part;
    private readonly int[] _feedOrder;
    private readonly CompiledCallable?[] _defaults;

    /// <param name="part">Takes the feeds of the whole signature; those that its steps do not read may be null.</param>
    /// <param name="feedOrder">For each feed of <paramref name="part"/>, its position among the caller's; -1: not among them.</param>
    /// <param name="defaults">For each feed of <paramref name="part"/> that is read and left out, what makes it; borrowed from the session.</param>
    public SubsetCallable(CompiledCallable part, int[] feedOrder, CompiledCallable?[] defaults)
    {
        _part = part;
        _feedOrder = feedOrder;
        _defaults = defaults;
    }

    public override ServingStatus Run(ReadOnlySpan<Tensor> feeds, Span<Tensor?> fetches, CancellationToken cancellation)
    {
        int count = _feedOrder.Length;
        Tensor?[] buffer = ArrayPool<Tensor?>.Shared.Rent(count);
        Span<Tensor?> ordered = buffer.AsSpan(0, count);
        ordered.Clear();
        try
        {
            for (int i = 0; i < count; i++)
            {
                if (_feedOrder[i] >= 0)
                {
                    ordered[i] = feeds[_feedOrder[i]].AddRef();
                }
                else if (_defaults[i] is { } make && make.Run([], ordered.Slice(i, 1), cancellation) is { IsOk: false } missing)
                {
                    return missing;
                }
            }

            return _part.Run(ordered!, fetches, cancellation);
        }
        finally
        {
            Executor.ReleaseAll(ordered);
            ArrayPool<Tensor?>.Shared.Return(buffer);
        }
    }
}
