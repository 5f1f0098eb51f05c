using SharpServing.Batching;
using Tensorflow.Serving;

namespace SharpServing.Server.Batching;

/// <summary>BatchingParameters, checked. Source: servables/tensorflow/bundle_factory_util.cc.</summary>
/// <param name="Queue">Of every signature.</param>
/// <param name="AllowedSizes">Batches are padded to the first of these that is large enough; empty: any size.</param>
/// <param name="PadsVariableLengths">Inputs whose dimensions differ are padded to the largest.</param>
internal sealed record BatchingSettings(BatchQueueOptions Queue, IReadOnlyList<long> AllowedSizes, bool PadsVariableLengths)
{
    private const int DefaultSize = 1000;
    private const int DefaultEnqueued = 10;

    /// <returns>INVALID_ARGUMENT, with the original's text where it does not crash.</returns>
    public static ServingStatus TryMake(BatchingParameters parameters, out BatchingSettings? settings)
    {
        settings = null;
        long size = parameters.MaxBatchSize ?? DefaultSize;
        long timeout = parameters.BatchTimeoutMicros ?? 0;
        bool splits = parameters.EnableLargeBatchSplitting ?? false;
        long executed = splits ? parameters.MaxExecutionBatchSize ?? size : size;
        if (size == 0)
        {
            return ServingStatus.InvalidArgument("max_batch_size must not be 0");
        }

        if (timeout < 0)
        {
            return ServingStatus.InvalidArgument($"batch_timeout_micros must not be negative; was {timeout}");
        }

        if (splits && (executed <= 0 || (size > 0 && executed > size)))
        {
            return ServingStatus.InvalidArgument($"max_execution_batch_size must be between 1 and max_batch_size ({size}); was {executed}");
        }

        if (parameters.AllowedBatchSizes.Count > 0 && parameters.AllowedBatchSizes[^1] != size)
        {
            return ServingStatus.InvalidArgument(
                $"Last entry in allowed_batch_sizes must match max_batch_size; last entry was {parameters.AllowedBatchSizes[^1]}; expected {size}");
        }

        var queue = new BatchQueueOptions
        {
            MaxTaskSize = Limit(size),
            MaxBatchSize = Limit(executed),
            Timeout = TimeSpan.FromMicroseconds(Math.Min(timeout, (long)TimeSpan.FromDays(1).TotalMicroseconds)),
            MaxEnqueuedBatches = (int)Math.Clamp(parameters.MaxEnqueuedBatches ?? DefaultEnqueued, int.MinValue, int.MaxValue),
            SplitsTasks = splits,
        };
        settings = new BatchingSettings(queue, [.. parameters.AllowedBatchSizes], parameters.PadVariableLengthInputs);
        return ServingStatus.Ok;
    }

    /// <summary>Rows of a batch after padding; a batch without rows has none that could be repeated.</summary>
    public int PaddedSize(int size)
    {
        if (size == 0)
        {
            return 0;
        }

        foreach (long allowed in AllowedSizes)
        {
            if (allowed >= size)
            {
                return (int)Math.Min(allowed, int.MaxValue);
            }
        }

        return size;
    }

    /// <summary>Negative means without limit.</summary>
    private static int Limit(long size) => size < 0 ? int.MaxValue : (int)Math.Min(size, int.MaxValue);
}
