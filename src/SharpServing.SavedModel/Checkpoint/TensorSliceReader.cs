using System.Text;
using Google.Protobuf;
using SharpServing.SavedModel.Tables;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.SavedModel;

/// <summary>
/// The first generation of checkpoints: one or more tables whose first entry lists the tensors and their slices, and whose others
/// hold one slice each as a message (tensorflow/core/util/tensor_slice_reader.cc).
/// </summary>
public sealed class TensorSliceReader : ICheckpointReader
{
    private const int CheckpointVersion = 1;

    private readonly string _pattern;
    private readonly List<SsTable> _tables = [];
    private readonly Dictionary<string, StoredTensor> _tensors = [];
    private List<CheckpointEntry>? _entries;

    private TensorSliceReader(string pattern) => _pattern = pattern;

    public IReadOnlyList<CheckpointEntry> Entries => _entries ??= ListEntries();

    /// <param name="pattern">A file, or several by wildcards.</param>
    /// <returns>NOT_FOUND when there is none, DATA_LOSS for one that is no table, INTERNAL for one that lacks the list.</returns>
    public static ServingStatus TryOpen(string pattern, out TensorSliceReader? reader)
    {
        reader = null;
        List<string> files = FilePattern.Expand(pattern);
        if (files.Count == 0)
        {
            return ServingStatus.NotFound($"Unsuccessful TensorSliceReader constructor: Failed to find any matching files for {pattern}");
        }

        var opened = new TensorSliceReader(pattern);
        foreach (string file in files)
        {
            ServingStatus status = opened.TryAddFile(file);
            if (!status.IsOk)
            {
                opened.Dispose();
                return status;
            }
        }

        reader = opened;
        return ServingStatus.Ok;
    }

    public ServingStatus TryDescribe(string name, out CheckpointEntry entry)
    {
        entry = default;
        if (!_tensors.TryGetValue(name, out StoredTensor? stored))
        {
            return ServingStatus.NotFound($"Tensor name \"{name}\" not found in checkpoint files {_pattern}");
        }

        entry = new CheckpointEntry(name, stored.Type, stored.Slices.Shape);
        return ServingStatus.Ok;
    }

    public unsafe ServingStatus TryRead(string name, string shapeAndSlice, out Tensor? tensor)
    {
        tensor = null;
        ServingStatus status = TryDescribe(name, out CheckpointEntry entry);
        if (!status.IsOk)
        {
            return status;
        }

        Shape full = entry.Shape;
        Shape shape = full;
        var wanted = TensorSlice.Full(full.Rank);
        if (shapeAndSlice.Length > 0)
        {
            status = TensorSlice.TryParseShapeAndSlice(shapeAndSlice, out Shape stated, out TensorSlice? slice, out shape);
            if (!status.IsOk)
            {
                return status;
            }

            if (stated != full)
            {
                return ServingStatus.InvalidArgument(
                    $"Shape in shape_and_slice spec does not match the shape in the save file: {stated}, save file shape: {full}");
            }

            wanted = slice!;
        }

        if (!entry.Type.IsPlain() && entry.Type != DType.String)
        {
            return ServingStatus.Unimplemented($"Restoring data type {entry.Type.ToName()} not yet supported");
        }

        if (shape.ElementCount == 0)
        {
            tensor = Tensor.Zeros(entry.Type, shape);
            return ServingStatus.Ok;
        }

        if (!_tensors[name].Slices.TryCover(wanted, out List<(TensorSlice Slice, SsTable Place)> pieces))
        {
            return CopyFault();
        }

        Tensor? whole = null;
        foreach ((TensorSlice slice, SsTable table) in pieces)
        {
            if (!TryReadPiece(name, entry.Type, full, slice, table, out Tensor? piece))
            {
                whole?.Release();
                return CopyFault();
            }

            if (pieces.Count == 1 && slice.TryApply(full, out Shape sliceShape).IsOk && sliceShape == shape)
            {
                tensor = piece;
                return ServingStatus.Ok;
            }

            if (entry.Type == DType.String)
            {
                piece!.Release();
                return ServingStatus.Unimplemented($"Parts of a string tensor in a checkpoint are not supported: {name}");
            }

            whole ??= Tensor.Allocate(entry.Type, shape, TensorAllocator.Shared, pooled: false);
            SliceCopy.Copy(full, slice, piece!.Data, wanted, whole.Data, entry.Type.SizeOf());
            piece.Release();
        }

        tensor = whole;
        return ServingStatus.Ok;
    }

    public void Dispose()
    {
        foreach (SsTable table in _tables)
        {
            table.Dispose();
        }
    }

    private static ServingStatus CopyFault() => ServingStatus.InvalidArgument("Error copying slice data");

    private static bool TryReadPiece(string name, DType type, in Shape full, TensorSlice slice, SsTable table, out Tensor? piece)
    {
        piece = null;
        return slice.TryApply(full, out Shape shape).IsOk
            && table.Find(OrderedCode.SliceKey(name, slice), out ReadOnlyMemory<byte> value, out bool found).IsOk && found
            && TryParse(value, out SavedTensorSlices slices) && slices.Data?.Data is { } data
            && TensorProtoValues.TryCreate(data, type, shape, out piece);
    }

    private static bool TryParse(ReadOnlyMemory<byte> value, out SavedTensorSlices slices)
    {
        slices = new SavedTensorSlices();
        try
        {
            slices = SavedTensorSlices.Parser.ParseFrom(value.Span);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private List<CheckpointEntry> ListEntries()
    {
        var entries = new List<CheckpointEntry>(_tensors.Count);
        foreach ((string name, StoredTensor stored) in _tensors)
        {
            entries.Add(new CheckpointEntry(name, stored.Type, stored.Slices.Shape));
        }

        entries.Sort((a, b) => Encoding.UTF8.GetBytes(a.Name).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b.Name)));
        return entries;
    }

    private ServingStatus TryAddFile(string path)
    {
        ServingStatus status = SsTable.TryOpen(path, out SsTable? table);
        if (!status.IsOk)
        {
            // The hint is added to faults of the table only.
            string hint = status.Code == StatusCode.NotFound
                ? ""
                : ": perhaps your file is in a different file format and you need to use a different restore operator?";
            return new ServingStatus(StatusCode.DataLoss, $"Unable to open table file {path}: {status}{hint}");
        }

        _tables.Add(table!);
        if (!table!.Find([], out ReadOnlyMemory<byte> value, out bool found).IsOk || !found || !TryParse(value, out SavedTensorSlices slices))
        {
            return ServingStatus.Internal($"Failed to find the saved tensor slices at the beginning of the checkpoint file: {path}");
        }

        status = CheckpointVersions.Check(slices.Meta?.Versions, CheckpointVersion, "checkpoint");
        foreach (SavedSliceMeta meta in slices.Meta?.Tensor ?? [])
        {
            if (!status.IsOk)
            {
                break;
            }

            status = TryAddTensor(meta, table);
        }

        return status;
    }

    private ServingStatus TryAddTensor(SavedSliceMeta meta, SsTable table)
    {
        if (!CheckpointShapes.TryCreate(meta.Shape, out Shape shape))
        {
            return ServingStatus.InvalidArgument($"Not the shape of a tensor: {CheckpointShapes.Describe(meta.Shape)}");
        }

        DType type = DTypes.BaseOf((int)meta.Type);
        if (!_tensors.TryGetValue(meta.Name, out StoredTensor? stored))
        {
            stored = new StoredTensor(type, new SliceSet<SsTable>(shape));
            _tensors.Add(meta.Name, stored);
        }

        if (stored.Slices.Shape != shape)
        {
            return ServingStatus.Internal(
                $"Incompatible tensor shapes detected for tensor {meta.Name}: existing = {stored.Slices.Shape}, new = {shape}");
        }

        if (stored.Type != type)
        {
            return ServingStatus.Internal(
                $"Incompatible tensor types detected for tensor {meta.Name}: existing = {stored.Type.ToName()}, new = {type.ToName()}");
        }

        foreach (TensorSliceProto proto in meta.Slice)
        {
            ServingStatus status = stored.Slices.TryAdd(TensorSlice.FromProto(proto), table);
            if (!status.IsOk)
            {
                return status;
            }
        }

        return ServingStatus.Ok;
    }

    private sealed record StoredTensor(DType Type, SliceSet<SsTable> Slices);
}
