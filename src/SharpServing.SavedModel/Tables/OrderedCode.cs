using System.Numerics;
using System.Text;

namespace SharpServing.SavedModel.Tables;

/// <summary>
/// Encodings whose byte order is the order of the values (tensorflow/core/lib/strings/ordered_code.cc): the keys of slices in a checkpoint.
/// </summary>
internal static class OrderedCode
{
    /// <summary>Key of one stored slice of a tensor: 0, name, rank, then start and length of each dimension (length -1: all of it).</summary>
    public static byte[] SliceKey(string tensorName, TensorSlice slice)
    {
        var key = new List<byte>(tensorName.Length + 16);
        WriteNumber(key, 0);
        WriteString(key, Encoding.UTF8.GetBytes(tensorName));
        WriteNumber(key, (ulong)slice.Rank);
        for (int d = 0; d < slice.Rank; d++)
        {
            WriteSigned(key, slice.Start(d));
            WriteSigned(key, slice.Length(d));
        }

        return [.. key];
    }

    /// <summary>Count of bytes, then the number without leading zeros, big-endian.</summary>
    public static void WriteNumber(List<byte> target, ulong value)
    {
        int length = (64 - BitOperations.LeadingZeroCount(value) + 7) / 8;
        target.Add((byte)length);
        for (int i = length - 1; i >= 0; i--)
        {
            target.Add((byte)(value >> (8 * i)));
        }
    }

    /// <summary>00 becomes 00 FF, FF becomes FF 00; ends with 00 01.</summary>
    public static void WriteString(List<byte> target, ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
        {
            target.Add(b);
            if (b == 0)
            {
                target.Add(0xFF);
            }
            else if (b == 0xFF)
            {
                target.Add(0);
            }
        }

        target.Add(0);
        target.Add(1);
    }

    /// <summary>
    /// n bytes hold 7n-1 bits and the sign. The head says n by leading ones behind the inverted sign bit; it is laid over the number
    /// in two's complement by exclusive or.
    /// </summary>
    public static void WriteSigned(List<byte> target, long value)
    {
        ulong magnitude = (ulong)(value < 0 ? ~value : value);
        int bits = 64 - BitOperations.LeadingZeroCount(magnitude);
        int length = (bits / 7) + 1;
        Span<byte> number = stackalloc byte[10];
        number.Fill(value < 0 ? (byte)0xFF : (byte)0);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(number[2..], value);
        Span<byte> used = number[(10 - length)..];

        // A length of n sets the n top bits of the first two bytes.
        int head = ~(0xFFFF >> length) & 0xFFFF;
        used[0] ^= (byte)(head >> 8);
        if (length > 1)
        {
            used[1] ^= (byte)head;
        }

        target.AddRange(used);
    }
}
