using SharpServing.Tensors;

namespace SharpServing.SavedModel;

/// <summary>Tensors of a bundle that are read together, so that large ones share the cores.</summary>
internal sealed class BundleReadBatch
{
    private readonly List<BundleRead> _reads = [];
    private readonly DataReads _data = new();

    public unsafe void Add(BundleRead read, DataFile file)
    {
        _reads.Add(read);
        _data.Add(file, read.Entry.Offset, read.Target.Data, read.Target.ElementCount * read.Target.DType.SizeOf());
    }

    /// <returns>The first fault, in the order of <see cref="Add"/>.</returns>
    public ServingStatus Run()
    {
        _data.Run();
        for (int i = 0; i < _reads.Count; i++)
        {
            ServingStatus status = _data.TryGetChecksum(i, out uint checksum);
            if (status.IsOk)
            {
                status = _reads[i].Finish(checksum);
            }

            if (!status.IsOk)
            {
                return status;
            }
        }

        return ServingStatus.Ok;
    }
}
