using SharpServing.Tensors;

namespace SharpServing.SavedModel;

/// <summary>The stored slices of one tensor, and where each lies (tensorflow/core/util/tensor_slice_set.cc).</summary>
/// <typeparam name="TPlace">What the owner needs to find a slice's data.</typeparam>
internal sealed class SliceSet<TPlace>
{
    private readonly List<(TensorSlice Slice, TPlace Place)> _slices = [];
    private readonly Shape _shape;

    public SliceSet(in Shape shape) => _shape = shape;

    public ref readonly Shape Shape => ref _shape;

    /// <returns>INTERNAL for a slice that leaves the tensor or overlaps another.</returns>
    public ServingStatus TryAdd(TensorSlice slice, TPlace place)
    {
        ServingStatus status = slice.TryApply(_shape, out _);
        if (!status.IsOk)
        {
            return status;
        }

        Span<long> starts = stackalloc long[_shape.Rank];
        Span<long> lengths = stackalloc long[_shape.Rank];
        foreach ((TensorSlice existing, _) in _slices)
        {
            if (existing.TryIntersect(slice, _shape, starts, lengths))
            {
                return ServingStatus.Internal($"Overlapping slices: existing slice = {existing}, new slice = {slice}");
            }
        }

        _slices.Add((slice, place));
        return ServingStatus.Ok;
    }

    /// <summary>The stored slices that together hold all of <paramref name="wanted"/>.</summary>
    /// <returns>False when a part of it is not stored.</returns>
    public bool TryCover(TensorSlice wanted, out List<(TensorSlice Slice, TPlace Place)> pieces)
    {
        pieces = [];
        if (!wanted.TryApply(_shape, out Shape wantedShape).IsOk)
        {
            return false;
        }

        Span<long> starts = stackalloc long[_shape.Rank];
        Span<long> lengths = stackalloc long[_shape.Rank];
        long covered = 0;
        foreach ((TensorSlice slice, TPlace place) in _slices)
        {
            if (slice.Equals(wanted))
            {
                pieces = [(slice, place)];
                return true;
            }

            if (slice.TryIntersect(wanted, _shape, starts, lengths))
            {
                covered += Product(lengths);
                pieces.Add((slice, place));
            }
        }

        return covered == wantedShape.ElementCount;
    }

    private static long Product(ReadOnlySpan<long> sizes)
    {
        long product = 1;
        foreach (long size in sizes)
        {
            product *= size;
        }

        return product;
    }
}
