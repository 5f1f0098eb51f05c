using System.Buffers;
using System.Text;

namespace SharpServing.Server.Grpc;

/// <summary>
/// Strings of the short names that requests repeat, found by their bytes: no string is made for a name seen before. Bounded; a
/// slot keeps the name that came last. Thread-safe: entries are immutable and swapped whole.
/// </summary>
internal static class Utf8NameCache
{
    private const int SlotCount = 1024;
    private const int MaxLength = 64;
    private static readonly Entry?[] Slots = new Entry?[SlotCount];

    /// <param name="bytes">Valid UTF-8.</param>
    public static string Get(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.Length > MaxLength)
        {
            return Encoding.UTF8.GetString(bytes);
        }

        if (bytes.IsSingleSegment)
        {
            return Get(bytes.FirstSpan);
        }

        Span<byte> copy = stackalloc byte[MaxLength];
        bytes.CopyTo(copy);
        return Get(copy[..(int)bytes.Length]);
    }

    private static string Get(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return "";
        }

        uint hash = 2166136261;
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 16777619;
        }

        ref Entry? slot = ref Slots[(hash ^ (hash >> 16)) % SlotCount];
        Entry? entry = Volatile.Read(ref slot);
        if (entry is null || !bytes.SequenceEqual(entry.Bytes))
        {
            entry = new Entry(bytes.ToArray(), Encoding.UTF8.GetString(bytes));
            Volatile.Write(ref slot, entry);
        }

        return entry.Text;
    }

    private sealed record Entry(byte[] Bytes, string Text);
}
