using SharpServing.Runtime.Execution;
using SharpServing.Tensors;

namespace SharpServing.Runtime.Sessions;

/// <summary>
/// Some outputs of a signature that is compiled already (an output filter): runs all of it and drops the rest, so that no second copy of
/// its weights is needed.
/// </summary>
internal sealed class SubsetCallable : GraphCallable
{
    private readonly CompiledCallable _all;
    private readonly int[] _feedOrder;
    private readonly int[] _fetchIndices;
    private readonly int _fetchCount;

    /// <param name="feedOrder">For each feed of <paramref name="all"/>, its position among the caller's.</param>
    /// <param name="fetchIndices">For each of the caller's fetches, its position among those of <paramref name="all"/>.</param>
    public SubsetCallable(CompiledCallable all, int fetchCount, int[] feedOrder, int[] fetchIndices)
    {
        _all = all;
        _fetchCount = fetchCount;
        _feedOrder = feedOrder;
        _fetchIndices = fetchIndices;
    }

    public override ServingStatus Run(ReadOnlySpan<Tensor> feeds, Span<Tensor?> fetches, CancellationToken cancellation)
    {
        var ordered = new Tensor[_feedOrder.Length];
        for (int i = 0; i < ordered.Length; i++)
        {
            ordered[i] = feeds[_feedOrder[i]];
        }

        var all = new Tensor?[_fetchCount];
        ServingStatus status = _all.Run(ordered, all, cancellation);
        if (status.IsOk)
        {
            for (int i = 0; i < _fetchIndices.Length; i++)
            {
                fetches[i] = all[_fetchIndices[i]]!.AddRef();
            }

            Executor.ReleaseAll(all);
        }

        return status;
    }
}
