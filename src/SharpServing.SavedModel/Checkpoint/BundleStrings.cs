using System.Buffers.Binary;
using SharpServing.SavedModel.Tables;
using SharpServing.Tensors;

namespace SharpServing.SavedModel;

/// <summary>
/// String tensors of a tensor bundle: the lengths as varints, their masked checksum, then the bytes. The checksum of the lengths is
/// taken over them as uint32 (uint64 beyond that range), the entry's over that, the stored checksum and the bytes.
/// </summary>
internal static class BundleStrings
{
    /// <param name="stored">The entry's bytes.</param>
    /// <param name="shape">At most as many elements as bytes are stored.</param>
    /// <param name="checksum">Of the entry.</param>
    public static ServingStatus TryDecode(ReadOnlySpan<byte> stored, in Shape shape, long offset, bool swapBytes, out uint checksum, out Tensor? tensor)
    {
        tensor = null;
        checksum = 0;
        int count = (int)shape.ElementCount;
        var lengths = new ulong[count];
        int at = 0;
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (int i = 0; i < count; i++)
        {
            if (!Varint.TryRead(stored, ref at, out lengths[i]))
            {
                return new ServingStatus(StatusCode.DataLoss, $"String lengths longer than expected offset {offset + stored.Length}");
            }

            BinaryPrimitives.WriteUInt64LittleEndian(word, lengths[i]);
            checksum = Crc32C.Append(checksum, lengths[i] <= uint.MaxValue ? word[..sizeof(uint)] : word);
        }

        if (stored.Length - at < sizeof(uint))
        {
            return new ServingStatus(StatusCode.DataLoss, $"String lengths longer than expected offset {offset + stored.Length}");
        }

        ReadOnlySpan<byte> sum = stored.Slice(at, sizeof(uint));
        at += sizeof(uint);
        uint expected = Crc32C.Unmask(swapBytes ? BinaryPrimitives.ReadUInt32BigEndian(sum) : BinaryPrimitives.ReadUInt32LittleEndian(sum));
        if (expected != checksum)
        {
            return new ServingStatus(StatusCode.DataLoss, $"The length checksum does not match: expected {expected:D8} but actual is {checksum:D8}");
        }

        checksum = Crc32C.Append(checksum, sum);
        var builder = new StringTensorBuilder(shape);
        foreach (ulong length in lengths)
        {
            if (length > (ulong)(stored.Length - at))
            {
                return FileStatus.EndOfFile;
            }

            builder.Append(stored.Slice(at, (int)length));
            at += (int)length;
        }

        checksum = Crc32C.Append(checksum, stored[(int)(at - (long)Sum(lengths))..at]);
        tensor = builder.Finish();
        return ServingStatus.Ok;
    }

    private static ulong Sum(ulong[] lengths)
    {
        ulong sum = 0;
        foreach (ulong length in lengths)
        {
            sum += length;
        }

        return sum;
    }
}
