using System.Buffers.Binary;
using SharpServing.SavedModel.Tables;

namespace SharpServing.SavedModel;

/// <summary>
/// Records of a TFRecord file: length (uint64), its masked CRC-32C, the bytes, theirs (tensorflow/core/lib/io/record_reader.cc).
/// </summary>
public static class TfRecords
{
    private const int HeadBytes = sizeof(ulong) + sizeof(uint);

    /// <summary>Reads the records of a file one by one; uncompressed files only.</summary>
    /// <param name="limit">Bytes of one record, at most.</param>
    /// <exception cref="StatusException">
    /// DATA_LOSS: a checksum does not match or the file ends inside the bytes of a record. One that ends inside a record's head ends there.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IEnumerable<byte[]> Read(string path, int limit = 1 << 30)
    {
        using FileStream file = File.OpenRead(path);
        var head = new byte[HeadBytes];
        var sum = new byte[sizeof(uint)];
        while (true)
        {
            long offset = file.Position;
            int read = file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
            if (read < HeadBytes)
            {
                yield break;
            }

            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head);
            if (!Matches(head.AsSpan(0, sizeof(ulong)), head.AsSpan(sizeof(ulong))))
            {
                throw StatusException.DataLoss($"corrupted record at {offset}{(offset == 0 ? " (Is this even a TFRecord file?)" : "")}");
            }

            if (length > (ulong)limit || (long)length > file.Length - file.Position - sizeof(uint))
            {
                throw StatusException.DataLoss($"truncated record at {offset}' failed with Read less bytes than requested");
            }

            var record = new byte[length];
            file.ReadExactly(record);
            file.ReadExactly(sum);
            yield return Matches(record, sum) ? record : throw StatusException.DataLoss($"corrupted record at {offset + HeadBytes}");
        }
    }

    /// <summary>Writes one record, in one call of the stream: what is in the file is whole records, and at most one cut one.</summary>
    public static void Write(Stream file, ReadOnlySpan<byte> record)
    {
        byte[] framed = RequestArrays.Rent<byte>(SizeOf(record.Length));
        try
        {
            Span<byte> bytes = framed.AsSpan(0, SizeOf(record.Length));
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)record.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[sizeof(ulong)..], Crc32C.Mask(Crc32C.Compute(bytes[..sizeof(ulong)])));
            record.CopyTo(bytes[HeadBytes..]);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[^sizeof(uint)..], Crc32C.Mask(Crc32C.Compute(record)));
            file.Write(bytes);
        }
        finally
        {
            RequestArrays.Return(framed);
        }
    }

    /// <summary>Bytes in the file of a record of some length.</summary>
    public static int SizeOf(int length) => checked(HeadBytes + length + sizeof(uint));

    private static bool Matches(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> masked) =>
        Crc32C.Compute(bytes) == Crc32C.Unmask(BinaryPrimitives.ReadUInt32LittleEndian(masked));
}
