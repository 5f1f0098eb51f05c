using System.Buffers.Binary;
using IronSnappy;
using SharpServing.SavedModel.Tables;

namespace SharpServing.SavedModel.Tests;

/// <summary>Writes tables as leveldb does: the other half of <see cref="SsTable"/>.</summary>
internal static class TableWriter
{
    public static byte[] Write(IEnumerable<(byte[] Key, byte[] Value)> sorted, int blockBytes = 4096, int restartInterval = 16, bool compress = false)
    {
        var file = new List<byte>();
        var index = new List<(byte[] Key, byte[] Value)>();
        var block = new List<(byte[] Key, byte[] Value)>();
        int size = 0;
        foreach ((byte[] key, byte[] value) in sorted)
        {
            block.Add((key, value));
            size += key.Length + value.Length;
            if (size >= blockBytes)
            {
                Flush();
            }
        }

        if (block.Count > 0)
        {
            Flush();
        }

        byte[] metaHandle = AppendBlock(file, EncodeBlock([], restartInterval), compress: false);
        byte[] indexHandle = AppendBlock(file, EncodeBlock(index, 1), compress);
        var footer = new byte[SsTable.FooterBytes];
        metaHandle.CopyTo(footer, 0);
        indexHandle.CopyTo(footer, metaHandle.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(footer.AsSpan(40), SsTable.Magic);
        file.AddRange(footer);
        return [.. file];

        void Flush()
        {
            byte[] handle = AppendBlock(file, EncodeBlock(block, restartInterval), compress);
            index.Add((block[^1].Key, handle));
            block.Clear();
            size = 0;
        }
    }

    public static void AppendVarint(List<byte> target, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            target.Add((byte)(value | 0x80));
        }

        target.Add((byte)value);
    }

    private static byte[] EncodeBlock(List<(byte[] Key, byte[] Value)> entries, int restartInterval)
    {
        var bytes = new List<byte>();
        var restarts = new List<int>();
        byte[] last = [];
        for (int i = 0; i < entries.Count; i++)
        {
            (byte[] key, byte[] value) = entries[i];
            int shared = i % restartInterval == 0 ? 0 : key.AsSpan().CommonPrefixLength(last);
            if (i % restartInterval == 0)
            {
                restarts.Add(bytes.Count);
            }

            AppendVarint(bytes, (ulong)shared);
            AppendVarint(bytes, (ulong)(key.Length - shared));
            AppendVarint(bytes, (ulong)value.Length);
            bytes.AddRange(key.AsSpan(shared));
            bytes.AddRange(value);
            last = key;
        }

        if (restarts.Count == 0)
        {
            restarts.Add(0);
        }

        foreach (int restart in restarts.Append(restarts.Count))
        {
            bytes.AddRange(BitConverter.GetBytes(restart));
        }

        return [.. bytes];
    }

    private static byte[] AppendBlock(List<byte> file, byte[] contents, bool compress)
    {
        byte[] stored = compress ? Snappy.Encode(contents) : contents;
        var handle = new List<byte>();
        AppendVarint(handle, (ulong)file.Count);
        AppendVarint(handle, (ulong)stored.Length);
        int start = file.Count;
        file.AddRange(stored);
        file.Add(compress ? (byte)1 : (byte)0);
        uint crc = Crc32C.Compute(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(file)[start..]);
        file.AddRange(BitConverter.GetBytes(Crc32C.Mask(crc)));
        return [.. handle];
    }
}
