using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace SharpServing.Server.Rest;

/// <summary>Inflates a body that must be one whole gzip member: header, deflate data, checksum and length, nothing behind (RFC 1952).</summary>
internal static class GzipBody
{
    private const int HeaderLength = 10;
    private const int TrailerLength = 8;

    public static bool TryInflate(ReadOnlyMemory<byte> body, int limit, out ReadOnlyMemory<byte> inflated)
    {
        inflated = default;
        if (!TrySkipHeader(body.Span, out int start) || body.Length < start + TrailerLength)
        {
            return false;
        }

        ReadOnlyMemory<byte> data = body[start..];
        if (!TryInflateRaw(data, limit, out byte[] bytes, out int length, out int consumed) || data.Length != consumed + TrailerLength)
        {
            return false;
        }

        ReadOnlySpan<byte> trailer = data.Span[consumed..];
        inflated = bytes.AsMemory(0, length);
        return BinaryPrimitives.ReadUInt32LittleEndian(trailer) == Crc32.Compute(inflated.Span)
            && BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) == (uint)length;
    }

    /// <summary>Magic, method, flags, time, system, and the optional fields that the flags name.</summary>
    private static bool TrySkipHeader(ReadOnlySpan<byte> body, out int start)
    {
        start = HeaderLength;
        if (body.Length < HeaderLength || body[0] != 0x1F || body[1] != 0x8B || body[2] != 8 || (body[3] & 0xE0) != 0)
        {
            return false;
        }

        int flags = body[3];
        if ((flags & 4) != 0)
        {
            if (body.Length < start + 2)
            {
                return false;
            }

            start += 2 + BinaryPrimitives.ReadUInt16LittleEndian(body[start..]);
        }

        for (int flag = 8; flag <= 16; flag *= 2)
        {
            if ((flags & flag) != 0)
            {
                int end = start <= body.Length ? body[start..].IndexOf((byte)0) : -1;
                if (end < 0)
                {
                    return false;
                }

                start += end + 1;
            }
        }

        start += (flags & 2) != 0 ? 2 : 0;
        return start <= body.Length;
    }

    private static bool TryInflateRaw(ReadOnlyMemory<byte> data, int limit, out byte[] bytes, out int length, out int consumed)
    {
        bytes = new byte[Math.Min(limit + 1L, Math.Max(1024, data.Length * 4L))];
        length = 0;
        consumed = 0;
        MemoryMarshal.TryGetArray(data, out ArraySegment<byte> segment);

        using var input = new LastByteApartStream(segment.Array!, segment.Offset, data.Length - TrailerLength);
        using var inflater = new DeflateStream(input, CompressionMode.Decompress);
        try
        {
            while (true)
            {
                if (length == bytes.Length)
                {
                    if (length > limit)
                    {
                        return false;
                    }

                    Array.Resize(ref bytes, (int)Math.Min(limit + 1L, length * 2L));
                }

                int read = inflater.Read(bytes, length, bytes.Length - length);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }

        consumed = (int)input.Position;
        return length <= limit;
    }
}
