using SharpServing.SavedModel.Tables;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.SavedModel;

/// <summary>One plain tensor of a bundle on its way into memory.</summary>
internal sealed class BundleRead
{
    private readonly string _prefix;
    private readonly bool _swapBytes;

    public BundleRead(string prefix, BundleEntryProto entry, Tensor target, bool swapBytes)
    {
        _prefix = prefix;
        Entry = entry;
        Target = target;
        _swapBytes = swapBytes;
    }

    public BundleEntryProto Entry { get; }

    public Tensor Target { get; }

    public static ServingStatus ChecksumFault(string prefix, BundleEntryProto entry, uint checksum) => new(
        StatusCode.DataLoss,
        $"TensorBundle at {prefix} shard {entry.ShardId} ({entry.Size} bytes): Checksum does not match: stored {Crc32C.Unmask(entry.Crc32C):D8} vs. calculated on the restored bytes {checksum}");

    /// <param name="checksum">Of the bytes as they lie in the file.</param>
    public ServingStatus Finish(uint checksum)
    {
        if (checksum != Crc32C.Unmask(Entry.Crc32C))
        {
            return ChecksumFault(_prefix, Entry, checksum);
        }

        if (_swapBytes)
        {
            SwapBytes();
        }

        return ServingStatus.Ok;
    }

    private unsafe void SwapBytes()
    {
        int size = Target.DType.SizeOf();
        int part = Target.DType.IsComplex() ? size / 2 : size;
        long bytes = Target.ElementCount * size;
        for (long at = 0; at < bytes; at += part)
        {
            new Span<byte>(Target.Data + at, part).Reverse();
        }
    }
}
