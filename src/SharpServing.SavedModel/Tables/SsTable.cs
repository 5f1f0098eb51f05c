using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace SharpServing.SavedModel.Tables;

/// <summary>
/// A sorted table of keys and values in a file, as leveldb lays it out (tensorflow/core/lib/io/table.cc, format.cc): data blocks, an
/// index block with the last key and place of each, a footer of 48 bytes. Blocks carry a masked CRC-32C and may be snappy-compressed.
/// Not thread-safe. Memory: the index, and decoded blocks up to a limit.
/// </summary>
internal sealed class SsTable : IDisposable
{
    public const int FooterBytes = 48;
    public const ulong Magic = 0xDB4775248B80FB57;

    private const int TrailerBytes = 5;
    private const int MaxCachedBytes = 64 << 20;

    private static readonly ServingStatus TooShort = new(StatusCode.DataLoss, "file is too short to be an sstable");
    private static readonly ServingStatus BadMagic = new(StatusCode.DataLoss, "not an sstable (bad magic number)");
    private static readonly ServingStatus BadHandle = new(StatusCode.DataLoss, "bad block handle");
    private static readonly ServingStatus BadChecksum = new(StatusCode.DataLoss, "block checksum mismatch");
    private static readonly ServingStatus BadType = new(StatusCode.DataLoss, "bad block type");
    private static readonly ServingStatus BadSnappy = new(StatusCode.DataLoss, "corrupted compressed block contents");

    private readonly SafeFileHandle _file;
    private readonly long _fileLength;
    private readonly Dictionary<long, TableBlock> _cache = [];
    private TableBlock _index = TableBlock.Empty;
    private long _cachedBytes;

    private SsTable(SafeFileHandle file)
    {
        _file = file;
        _fileLength = RandomAccess.GetLength(file);
    }

    public static ServingStatus TryOpen(string path, out SsTable? table)
    {
        table = null;
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
            var opened = new SsTable(file);
            ServingStatus status = opened.ReadIndex();
            if (status.IsOk)
            {
                table = opened;
                file = null;
            }

            return status;
        }
        catch (Exception exception) when (FileStatus.IsFault(exception))
        {
            return FileStatus.Of(exception, path);
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>The value of a key.</summary>
    /// <param name="found">False also when the status is not OK.</param>
    /// <returns>A fault of the block that the key would lie in.</returns>
    public ServingStatus Find(ReadOnlySpan<byte> key, out ReadOnlyMemory<byte> value, out bool found)
    {
        value = default;
        found = false;
        var index = new TableCursor(_index);
        if (!index.Seek(key))
        {
            return index.Status;
        }

        ServingStatus status = ReadBlock(index.Value, out TableBlock block);
        if (!status.IsOk)
        {
            return status;
        }

        var cursor = new TableCursor(block);
        found = cursor.Seek(key) && cursor.Key.SequenceEqual(key);
        value = found ? cursor.Value : default;
        return cursor.Status;
    }

    /// <summary>All keys and values in order, up to the first fault, which is thrown as a <see cref="StatusException"/>.</summary>
    public IEnumerable<(byte[] Key, ReadOnlyMemory<byte> Value)> ReadAll()
    {
        var index = new TableCursor(_index);
        for (bool more = index.MoveToFirst(); more; more = index.MoveNext())
        {
            ThrowUnlessOk(ReadBlock(index.Value, out TableBlock block));
            var cursor = new TableCursor(block);
            for (bool inBlock = cursor.MoveToFirst(); inBlock; inBlock = cursor.MoveNext())
            {
                yield return (cursor.Key.ToArray(), cursor.Value);
            }

            ThrowUnlessOk(cursor.Status);
        }

        ThrowUnlessOk(index.Status);
    }

    public void Dispose() => _file.Dispose();

    private static void ThrowUnlessOk(ServingStatus status)
    {
        if (!status.IsOk)
        {
            throw new StatusException(status);
        }
    }

    private ServingStatus ReadIndex()
    {
        if (_fileLength < FooterBytes)
        {
            return TooShort;
        }

        Span<byte> footer = stackalloc byte[FooterBytes];
        ServingStatus status = ReadExactly(_fileLength - FooterBytes, footer);
        if (!status.IsOk)
        {
            return status;
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(footer[40..]) != Magic)
        {
            return BadMagic;
        }

        int at = 0;
        if (!TryReadHandle(footer, ref at, out _, out _) || !TryReadHandle(footer, ref at, out long offset, out long size))
        {
            return BadHandle;
        }

        return ReadBlock(offset, size, out _index);
    }

    private ServingStatus ReadBlock(ReadOnlyMemory<byte> handle, out TableBlock block)
    {
        block = TableBlock.Empty;
        int at = 0;
        if (!TryReadHandle(handle.Span, ref at, out long offset, out long size))
        {
            return BadHandle;
        }

        if (_cache.TryGetValue(offset, out TableBlock? cached))
        {
            block = cached;
            return ServingStatus.Ok;
        }

        ServingStatus status = ReadBlock(offset, size, out block);
        if (status.IsOk && _cachedBytes + block.Bytes.Length <= MaxCachedBytes)
        {
            _cachedBytes += block.Bytes.Length;
            _cache.Add(offset, block);
        }

        return status;
    }

    private ServingStatus ReadBlock(long offset, long size, out TableBlock block)
    {
        block = TableBlock.Empty;
        if (size > _fileLength - TrailerBytes || offset > _fileLength - TrailerBytes - size || size > Array.MaxLength - TrailerBytes)
        {
            return FileStatus.EndOfFile;
        }

        var stored = new byte[size + TrailerBytes];
        ServingStatus status = ReadExactly(offset, stored);
        if (!status.IsOk)
        {
            return status;
        }

        int length = (int)size;
        uint expected = Crc32C.Unmask(BinaryPrimitives.ReadUInt32LittleEndian(stored.AsSpan(length + 1)));
        if (Crc32C.Compute(stored.AsSpan(0, length + 1)) != expected)
        {
            return BadChecksum;
        }

        switch (stored[length])
        {
            case 0:
                return TableBlock.TryCreate(stored.AsMemory(0, length), out block);
            case 1:
                return SnappyDecoder.TryDecode(stored.AsSpan(0, length), out byte[] decoded) ? TableBlock.TryCreate(decoded, out block) : BadSnappy;
            default:
                return BadType;
        }
    }

    private ServingStatus ReadExactly(long offset, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(_file, target, offset);
            if (read == 0)
            {
                return FileStatus.EndOfFile;
            }

            offset += read;
            target = target[read..];
        }

        return ServingStatus.Ok;
    }

    private static bool TryReadHandle(ReadOnlySpan<byte> bytes, ref int at, out long offset, out long size)
    {
        size = 0;
        bool read = Varint.TryRead(bytes, ref at, out ulong first);
        read &= Varint.TryRead(bytes, ref at, out ulong second) && first <= long.MaxValue && second <= long.MaxValue;
        offset = read ? (long)first : 0;
        size = read ? (long)second : 0;
        return read;
    }
}
