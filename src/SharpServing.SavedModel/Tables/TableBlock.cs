using System.Buffers.Binary;

namespace SharpServing.SavedModel.Tables;

/// <summary>
/// Decoded bytes of one block: entries, then the offsets of those entries that hold their whole key (restart points), then their count.
/// </summary>
internal sealed class TableBlock
{
    public static readonly TableBlock Empty = new(ReadOnlyMemory<byte>.Empty, 0);

    private static readonly ServingStatus BadContents = new(StatusCode.DataLoss, "bad block contents");

    private TableBlock(ReadOnlyMemory<byte> bytes, int restartCount)
    {
        Bytes = bytes;
        RestartCount = restartCount;
        EntryBytes = bytes.Length - (restartCount + 1) * sizeof(uint);
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    public int RestartCount { get; }

    /// <summary>Length of the entries; the restart points follow.</summary>
    public int EntryBytes { get; }

    public static ServingStatus TryCreate(ReadOnlyMemory<byte> bytes, out TableBlock block)
    {
        block = Empty;
        if (bytes.Length < sizeof(uint))
        {
            return BadContents;
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[^sizeof(uint)..]);
        if (count > (uint)(bytes.Length / sizeof(uint)) - 1)
        {
            return BadContents;
        }

        block = new TableBlock(bytes, (int)count);
        return ServingStatus.Ok;
    }

    public int RestartAt(int index) =>
        (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(Bytes.Span[(EntryBytes + index * sizeof(uint))..]), int.MaxValue);
}
