namespace SharpServing.SavedModel.Tables;

/// <summary>
/// Decoder of raw snappy blocks (https://github.com/google/snappy/blob/main/format_description.txt). Its own instead of a package's, so
/// that hostile input costs no more than 22 times its size.
/// </summary>
internal static class SnappyDecoder
{
    /// <summary>A copy of 64 bytes takes 3 bytes: no valid block grows more.</summary>
    private const int MaxGrowth = 22;

    public static bool TryDecode(ReadOnlySpan<byte> source, out byte[] decoded)
    {
        decoded = [];
        int at = 0;
        if (!Varint.TryRead(source, ref at, out ulong length) || length > ((ulong)source.Length * MaxGrowth))
        {
            return false;
        }

        var target = new byte[length];
        if (!TryDecode(source[at..], target))
        {
            return false;
        }

        decoded = target;
        return true;
    }

    private static bool TryDecode(ReadOnlySpan<byte> source, Span<byte> target)
    {
        int read = 0;
        int written = 0;
        while (read < source.Length)
        {
            int tag = source[read++];
            int kind = tag & 3;
            int argumentBytes = kind == 0 ? Math.Max((tag >> 2) - 59, 0) : kind == 3 ? 4 : kind;
            if (argumentBytes > source.Length - read)
            {
                return false;
            }

            uint argument = 0;
            for (int i = 0; i < argumentBytes; i++)
            {
                argument |= (uint)source[read++] << (8 * i);
            }

            if (kind == 0)
            {
                long length = 1L + (argumentBytes == 0 ? (uint)tag >> 2 : argument);
                if (length > source.Length - read || length > target.Length - written)
                {
                    return false;
                }

                source.Slice(read, (int)length).CopyTo(target[written..]);
                read += (int)length;
                written += (int)length;
                continue;
            }

            int count = kind == 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
            long offset = kind == 1 ? argument | (uint)(tag >> 5 << 8) : argument;
            if (offset == 0 || offset > written || count > target.Length - written)
            {
                return false;
            }

            // Byte by byte: source and target overlap where a run repeats.
            for (int i = 0; i < count; i++)
            {
                target[written] = target[written - (int)offset];
                written++;
            }
        }

        return written == target.Length;
    }
}
