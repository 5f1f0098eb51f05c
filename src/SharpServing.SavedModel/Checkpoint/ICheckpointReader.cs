using SharpServing.Tensors;

namespace SharpServing.SavedModel;

/// <summary>Named tensors in the files of a checkpoint, of either generation. Not thread-safe.</summary>
public interface ICheckpointReader : IDisposable
{
    /// <summary>All tensors in the order of their names; stored slices of a partitioned one are not listed beside it.</summary>
    /// <exception cref="StatusException">DATA_LOSS: the index is damaged.</exception>
    IReadOnlyList<CheckpointEntry> Entries { get; }

    /// <summary>Type and whole shape of a tensor.</summary>
    /// <returns>NOT_FOUND when there is none of this name.</returns>
    ServingStatus TryDescribe(string name, out CheckpointEntry entry);

    /// <summary>Reads a tensor, or a part of it, into memory of its own (not pooled, 64-byte aligned).</summary>
    /// <param name="shapeAndSlice">Empty: all of it. Else <c>10 4 0,4:-</c>: the whole shape, then start and length of each dimension.</param>
    /// <param name="tensor">One reference, for the caller.</param>
    /// <returns>TensorFlow's codes: NOT_FOUND, DATA_LOSS (checksums), OUT_OF_RANGE (data cut short), INVALID_ARGUMENT (another shape).</returns>
    ServingStatus TryRead(string name, string shapeAndSlice, out Tensor? tensor);
}
