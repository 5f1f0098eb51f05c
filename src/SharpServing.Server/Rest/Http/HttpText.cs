using System.Buffers.Text;

namespace SharpServing.Server.Rest.Http;

/// <summary>How libevent, and the C library behind it, read pieces of text.</summary>
internal static class HttpText
{
    /// <summary>It has a colon and no CR.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> line) => line.Contains((byte)':') && !line.Contains((byte)'\r');

    /// <summary>A line is a C string to libevent.</summary>
    public static ReadOnlySpan<byte> BeforeNul(ReadOnlySpan<byte> line)
    {
        int nul = line.IndexOf((byte)0);
        return nul < 0 ? line : line[..nul];
    }

    /// <summary>As <c>strtoll</c>: leading blanks and a sign are read, too large numbers become the largest; -1 for anything else.</summary>
    public static long ParseLength(ReadOnlySpan<byte> value)
    {
        value = value.TrimStart(" \t\v\f\r"u8);
        bool isMinus = value.StartsWith("-"u8);
        if (isMinus || value.StartsWith("+"u8))
        {
            value = value[1..];
        }

        if (value.IsEmpty || value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0 || (isMinus && value.IndexOfAnyExcept((byte)'0') >= 0))
        {
            return -1;
        }

        return Utf8Parser.TryParse(value, out long length, out int consumed) && consumed == value.Length ? length : long.MaxValue;
    }

    /// <summary>As <c>%d</c>: blanks and a sign may come first, and what does not fit is cut.</summary>
    public static bool TryReadNumber(ref ReadOnlySpan<byte> text, out int number)
    {
        text = text.TrimStart(" \t\v\f\r"u8);
        bool isRead = Utf8Parser.TryParse(text, out long value, out int used);
        number = unchecked((int)value);
        text = text[used..];
        return isRead;
    }
}
