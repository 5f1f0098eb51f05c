using System.Globalization;
using System.Text;
using Google.Protobuf;
using SharpServing.SavedModel.Tables;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.SavedModel;

/// <summary>
/// The second generation of checkpoints, a tensor bundle: <c>PREFIX.index</c> (a table from name to place and checksum) and
/// <c>PREFIX.data-00000-of-0000N</c> (tensorflow/core/util/tensor_bundle/tensor_bundle.cc).
/// </summary>
public sealed class BundleReader : ICheckpointReader
{
    private const int BundleVersion = 1;

    /// <summary>Stored slices of one tensor: finding overlaps takes the square of it.</summary>
    private const int MaxSlices = 16384;

    private readonly string _prefix;
    private readonly SsTable _table;
    private readonly BundleHeaderProto _header;
    private readonly Dictionary<int, DataFile> _files = [];
    private List<CheckpointEntry>? _entries;

    private BundleReader(string prefix, SsTable table, BundleHeaderProto header)
    {
        _prefix = prefix;
        _table = table;
        _header = header;
    }

    public IReadOnlyList<CheckpointEntry> Entries => _entries ??= ListEntries();

    private bool SwapBytes => _header.Endianness == BundleHeaderProto.Types.Endianness.Big;

    /// <summary>True when <c>PREFIX.index</c> exists.</summary>
    public static bool Exists(string prefix) => File.Exists(prefix + ".index");

    /// <returns>NOT_FOUND without index, DATA_LOSS for a damaged one, INVALID_ARGUMENT for a version that is too new.</returns>
    public static ServingStatus TryOpen(string prefix, out BundleReader? reader)
    {
        reader = null;
        string path = prefix + ".index";
        ServingStatus status = SsTable.TryOpen(path, out SsTable? table);
        if (!status.IsOk)
        {
            return status;
        }

        status = TryReadHeader(table!, path, out BundleHeaderProto header);
        if (!status.IsOk)
        {
            table!.Dispose();
            return status;
        }

        reader = new BundleReader(prefix, table!, header);
        return ServingStatus.Ok;
    }

    public ServingStatus TryDescribe(string name, out CheckpointEntry entry)
    {
        ServingStatus status = TryFind(name, out BundleEntryProto? proto, out Shape shape);
        entry = status.IsOk ? new CheckpointEntry(name, DTypes.BaseOf((int)proto!.Dtype), shape) : default;
        return status;
    }

    public ServingStatus TryRead(string name, string shapeAndSlice, out Tensor? tensor)
    {
        var batch = new BundleReadBatch();
        ServingStatus status = TryEnqueue(name, shapeAndSlice, batch, out tensor);
        if (status.IsOk)
        {
            status = batch.Run();
        }

        if (!status.IsOk)
        {
            tensor?.Release();
            tensor = null;
        }

        return status;
    }

    public void Dispose()
    {
        _table.Dispose();
        foreach (DataFile file in _files.Values)
        {
            file.Dispose();
        }
    }

    /// <summary>
    /// As <see cref="TryRead"/>, but a plain tensor that is stored whole is only filled when <paramref name="batch"/> runs.
    /// </summary>
    internal ServingStatus TryEnqueue(string name, string shapeAndSlice, BundleReadBatch batch, out Tensor? tensor)
    {
        tensor = null;
        ServingStatus status = TryFind(name, out BundleEntryProto? entry, out Shape shape);
        if (!status.IsOk)
        {
            return status;
        }

        if (shapeAndSlice.Length == 0)
        {
            return entry!.Slices.Count == 0
                ? TryEnqueueWhole(name, entry, shape, batch, out tensor)
                : TryReadSlices(name, entry, shape, TensorSlice.Full(shape.Rank), out tensor);
        }

        status = TensorSlice.TryParseShapeAndSlice(shapeAndSlice, out Shape statedShape, out TensorSlice? slice, out _);
        if (!status.IsOk)
        {
            return status;
        }

        return statedShape == shape
            ? TryReadSlices(name, entry!, shape, slice!, out tensor)
            : ServingStatus.InvalidArgument(
                $"tensor_name = {name}; shape in shape_and_slice spec {statedShape} does not match the shape stored in checkpoint: {shape}");
    }

    private static ServingStatus TryReadHeader(SsTable table, string path, out BundleHeaderProto header)
    {
        header = new BundleHeaderProto();
        ServingStatus status = table.Find([], out ReadOnlyMemory<byte> value, out bool found);
        if (!found)
        {
            return Corrupt(status, path, "failed to seek to header entry");
        }

        try
        {
            header = BundleHeaderProto.Parser.ParseFrom(value.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return Corrupt(new ServingStatus(StatusCode.DataLoss, "Entry for key  not parseable."), path, "unable to parse header");
        }

        return CheckpointVersions.Check(header.Version, BundleVersion, "bundle");
    }

    private static ServingStatus Corrupt(ServingStatus cause, string path, string detail)
    {
        string text = $"Unable to read file ({path}). Perhaps the file is corrupt or was produced by a newer version of TensorFlow with format changes ({detail})";
        return cause.IsOk ? ServingStatus.Internal(text) : new ServingStatus(cause.Code, $"{text}: {cause.Message}");
    }

    private List<CheckpointEntry> ListEntries()
    {
        var entries = new List<CheckpointEntry>();
        foreach ((byte[] key, ReadOnlyMemory<byte> value) in _table.ReadAll())
        {
            // The header has no name; the key of a stored slice begins with a zero.
            if (key.Length > 0 && key[0] != 0)
            {
                string name = Encoding.UTF8.GetString(key);
                ServingStatus status = TryParse(name, value, out BundleEntryProto? entry, out Shape shape);
                entries.Add(status.IsOk
                    ? new CheckpointEntry(name, DTypes.BaseOf((int)entry!.Dtype), shape)
                    : throw new StatusException(status));
            }
        }

        return entries;
    }

    private ServingStatus TryFind(string name, out BundleEntryProto? entry, out Shape shape) =>
        TryFind(Encoding.UTF8.GetBytes(name), name, out entry, out shape);

    /// <summary>A damaged block reads as one without the key, as in the original.</summary>
    private ServingStatus TryFind(byte[] key, string name, out BundleEntryProto? entry, out Shape shape)
    {
        entry = null;
        shape = default;
        _ = _table.Find(key, out ReadOnlyMemory<byte> value, out bool found);
        return found ? TryParse(name, value, out entry, out shape) : ServingStatus.NotFound($"Key {name} not found in checkpoint");
    }

    private static ServingStatus TryParse(string name, ReadOnlyMemory<byte> value, out BundleEntryProto? entry, out Shape shape)
    {
        shape = default;
        try
        {
            entry = BundleEntryProto.Parser.ParseFrom(value.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            entry = null;
            return new ServingStatus(StatusCode.DataLoss, $"Entry for key {name} not parseable.");
        }

        return CheckpointShapes.TryCreate(entry.Shape, out shape)
            ? ServingStatus.Ok
            : new ServingStatus(StatusCode.DataLoss, $"Invalid tensor shape: {name} {CheckpointShapes.Describe(entry.Shape)}");
    }

    private ServingStatus TryOpenShard(int shard, out DataFile? file)
    {
        if (_files.TryGetValue(shard, out file))
        {
            return ServingStatus.Ok;
        }

        string path = string.Create(CultureInfo.InvariantCulture, $"{_prefix}.data-{shard:D5}-of-{_header.NumShards:D5}");
        ServingStatus status = DataFile.TryOpen(path, out file);
        if (status.IsOk)
        {
            _files.Add(shard, file!);
        }

        return status;
    }

    private unsafe ServingStatus TryEnqueueWhole(string name, BundleEntryProto entry, in Shape shape, BundleReadBatch batch, out Tensor? tensor)
    {
        tensor = null;
        DType type = DTypes.BaseOf((int)entry.Dtype);
        if (type == DType.String)
        {
            return TryReadStrings(name, entry, shape, out tensor);
        }

        if (!type.IsPlain())
        {
            return ServingStatus.Unimplemented($"Tensors of type {type.ToName()} in a checkpoint are not supported: {name}");
        }

        Int128 expected = (Int128)shape.ElementCount * type.SizeOf();
        if (entry.Size != expected)
        {
            return new ServingStatus(
                StatusCode.DataLoss, $"Invalid size in bundle entry: key {name}; stored size {entry.Size}; expected size {expected}");
        }

        ServingStatus status = TryOpenShard(entry.ShardId, out DataFile? file);
        if (!status.IsOk)
        {
            return status;
        }

        if (!file!.Holds(entry.Offset, entry.Size))
        {
            return FileStatus.EndOfFile;
        }

        tensor = Tensor.Allocate(type, shape, TensorAllocator.Shared, pooled: false);
        batch.Add(new BundleRead(_prefix, entry, tensor, SwapBytes), file);
        return ServingStatus.Ok;
    }

    private unsafe ServingStatus TryReadStrings(string name, BundleEntryProto entry, in Shape shape, out Tensor? tensor)
    {
        tensor = null;
        ServingStatus status = TryOpenShard(entry.ShardId, out DataFile? file);
        if (!status.IsOk)
        {
            return status;
        }

        if (entry.Size < shape.ElementCount)
        {
            return new ServingStatus(
                StatusCode.DataLoss, $"Invalid size in bundle entry: key {name}; stored size {entry.Size}; expected size is at least {shape.ElementCount}");
        }

        if (!file!.Holds(entry.Offset, entry.Size))
        {
            return FileStatus.EndOfFile;
        }

        if (entry.Size > Array.MaxLength)
        {
            return ServingStatus.ResourceExhausted($"A string tensor of {entry.Size} bytes is too large");
        }

        uint checksum = 0;
        var stored = new byte[entry.Size];
        fixed (byte* target = stored)
        {
            status = file.TryRead(entry.Offset, target, stored.Length);
        }

        // Without elements nothing is stored, not even a checksum of lengths.
        if (status.IsOk && stored.Length == 0)
        {
            tensor = new StringTensorBuilder(shape).Finish();
        }
        else if (status.IsOk)
        {
            status = BundleStrings.TryDecode(stored, shape, entry.Offset, SwapBytes, out checksum, out tensor);
        }

        if (status.IsOk && checksum != Crc32C.Unmask(entry.Crc32C))
        {
            status = BundleRead.ChecksumFault(_prefix, entry, checksum);
        }

        if (!status.IsOk)
        {
            tensor?.Release();
            tensor = null;
        }

        return status;
    }

    /// <summary>Puts a part of a tensor together from the slices that are stored.</summary>
    private unsafe ServingStatus TryReadSlices(string name, BundleEntryProto entry, in Shape full, TensorSlice wanted, out Tensor? tensor)
    {
        tensor = null;
        var stored = new SliceSet<TensorSlice?>(full);
        if (entry.Slices.Count == 0)
        {
            _ = stored.TryAdd(TensorSlice.Full(full.Rank), null);
        }

        if (entry.Slices.Count > MaxSlices)
        {
            return ServingStatus.ResourceExhausted($"{entry.Slices.Count} slices of {name} are more than the limit of {MaxSlices}");
        }

        foreach (TensorSliceProto proto in entry.Slices)
        {
            var slice = TensorSlice.FromProto(proto);
            ServingStatus added = stored.TryAdd(slice, slice.IsFull ? null : slice);
            if (!added.IsOk)
            {
                return added;
            }
        }

        if (!stored.TryCover(wanted, out List<(TensorSlice Slice, TensorSlice? Place)> pieces))
        {
            return ServingStatus.InvalidArgument(
                $"Does not have sufficient slices for partitioned tensor {name} to restore in slice_spec: {wanted}");
        }

        DType type = DTypes.BaseOf((int)entry.Dtype);
        ServingStatus status = wanted.TryApply(full, out Shape shape);
        Tensor? whole = null;
        foreach ((TensorSlice slice, TensorSlice? place) in pieces)
        {
            if (!status.IsOk)
            {
                break;
            }

            status = TryReadPiece(name, entry, full, place, out Tensor? piece);
            if (status.IsOk && (slice.Equals(wanted) || (slice.CoversAll(full) && wanted.CoversAll(full))))
            {
                tensor = piece;
                return status;
            }

            if (status.IsOk && !type.IsPlain())
            {
                status = ServingStatus.InvalidArgument($"Dtype {type.ToName()} not supported.");
            }

            if (status.IsOk)
            {
                whole ??= Tensor.Allocate(type, shape, TensorAllocator.Shared, pooled: false);
                SliceCopy.Copy(full, slice, piece!.Data, wanted, whole.Data, type.SizeOf());
            }

            piece?.Release();
        }

        if (status.IsOk)
        {
            tensor = whole ?? (type.IsPlain() ? Tensor.Allocate(type, shape) : Tensor.Zeros(type, shape));
        }
        else
        {
            whole?.Release();
        }

        return status;
    }

    /// <param name="place"><see langword="null"/>: the entry itself holds all of the tensor.</param>
    private ServingStatus TryReadPiece(string name, BundleEntryProto entry, in Shape full, TensorSlice? place, out Tensor? piece)
    {
        piece = null;
        BundleEntryProto? stored = entry;
        Shape shape = full;
        if (place is not null)
        {
            byte[] key = OrderedCode.SliceKey(name, place);
            ServingStatus found = TryFind(key, Encoding.Latin1.GetString(key), out stored, out shape);
            if (!found.IsOk)
            {
                return found;
            }

            found = place.TryApply(full, out Shape expected);
            if (!found.IsOk || expected != shape || stored!.Dtype != entry.Dtype)
            {
                return new ServingStatus(StatusCode.DataLoss, $"The stored slice {place} of {name} has shape {shape}");
            }
        }

        var batch = new BundleReadBatch();
        ServingStatus status = TryEnqueueWhole(name, stored!, shape, batch, out piece);
        if (status.IsOk)
        {
            status = batch.Run();
        }

        if (!status.IsOk)
        {
            piece?.Release();
            piece = null;
        }

        return status;
    }
}
