using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SharpServing.Server.Rest.Http;

/// <summary>
/// Splits a request target as libevent 2.1 does. It reads a target twice: with the request line, where a path may have any
/// character (<see cref="TryRead"/>), and strictly by RFC 3986 when the request is complete (<see cref="TryParse"/>).
/// </summary>
internal static class HttpUri
{
    private const string SubDelimiters = "!$&'()*+,;=";
    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <param name="target">As sent.</param>
    /// <param name="isProxy">True for <c>http://host/…</c>.</param>
    /// <returns>False when the authority is none, or a path without a scheme begins like one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> target, out bool isProxy)
    {
        ReadOnlySpan<byte> rest = target;
        if (!TryTakeStart(ref rest, out bool hasScheme, out bool hasAuthority, out isProxy))
        {
            return false;
        }

        int end = rest.IndexOfAny((byte)'?', (byte)'#');
        return IsPath(end < 0 ? rest : rest[..end], hasScheme, hasAuthority);
    }

    /// <param name="target">As sent.</param>
    /// <param name="path">Path, query and fragment with their marks, not decoded.</param>
    /// <param name="isProxy">True for <c>http://host/…</c>.</param>
    /// <returns>False for what is no URI.</returns>
    public static bool TryParse(ReadOnlySpan<byte> target, out string path, out bool isProxy)
    {
        path = "";
        ReadOnlySpan<byte> rest = target;
        if (!TryTakeStart(ref rest, out bool hasScheme, out bool hasAuthority, out isProxy))
        {
            return false;
        }

        ReadOnlySpan<byte> wanted = rest;
        ReadOnlySpan<byte> pathPart = Take(ref rest, inPath: true);
        if (rest.StartsWith("?"u8))
        {
            rest = rest[1..];
            Take(ref rest, inPath: false);
        }

        if (rest.StartsWith("#"u8))
        {
            rest = rest[1..];
            Take(ref rest, inPath: false);
        }

        if (!rest.IsEmpty || !IsPath(pathPart, hasScheme, hasAuthority))
        {
            return false;
        }

        path = Encoding.ASCII.GetString(wanted);
        return true;
    }

    /// <summary>What CONNECT asks for: <c>host:port</c>; what follows a slash, say, is not looked at.</summary>
    public static bool BeginsWithAuthority(ReadOnlySpan<byte> text) => IsAuthority(text[..EndOfAuthority(text)]);

    /// <summary>Scheme and authority.</summary>
    private static bool TryTakeStart(ref ReadOnlySpan<byte> rest, out bool hasScheme, out bool hasAuthority, out bool isProxy)
    {
        hasScheme = TryTakeScheme(ref rest, out bool isHttp);
        hasAuthority = rest.StartsWith("//"u8);
        isProxy = hasAuthority && isHttp;
        if (!hasAuthority)
        {
            return true;
        }

        rest = rest[2..];
        int end = EndOfAuthority(rest);
        bool isAuthority = IsAuthority(rest[..end]);
        rest = rest[end..];
        return isAuthority;
    }

    private static int EndOfAuthority(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOfAny("/?#"u8);
        return end < 0 ? text.Length : end;
    }

    private static bool IsPath(ReadOnlySpan<byte> path, bool hasScheme, bool hasAuthority) =>
        (hasAuthority || !path.StartsWith("//"u8)) && (!hasAuthority || path.IsEmpty || path[0] == '/') && (hasScheme || !ColonBeforeSlash(path));

    private static bool IsAuthority(ReadOnlySpan<byte> text)
    {
        int at = text.IndexOf((byte)'@');
        if (at >= 0)
        {
            if (!AllOf(text[..at], ":"))
            {
                return false;
            }

            text = text[(at + 1)..];
        }

        int colon = text.LastIndexOf((byte)':');
        if (colon >= 0 && text[(colon + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
        {
            ReadOnlySpan<byte> port = text[(colon + 1)..].TrimStart((byte)'0');
            if (port.Length > 5 || (Utf8Parser.TryParse(port, out int number, out _) && number > ushort.MaxValue))
            {
                return false;
            }

            text = text[..colon];
        }

        bool isBracketed = text.Length >= 2 && text[0] == '[' && text[^1] == ']';
        return isBracketed ? IsAddress(text[1..^1]) : AllOf(text, "");
    }

    /// <summary>An IPv6 address, or one of a later version: <c>v1.text</c>.</summary>
    private static bool IsAddress(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != 'v')
        {
            return text.IndexOf((byte)'%') < 0 && IPAddress.TryParse(Encoding.Latin1.GetString(text), out IPAddress? address)
                && address.AddressFamily == AddressFamily.InterNetworkV6;
        }

        int point = text.IndexOf((byte)'.');
        return point > 1 && text[1..point].IndexOfAnyExcept(HexDigits) < 0 && text[(point + 1)..].IndexOf((byte)'%') < 0 && AllOf(text[(point + 1)..], ":");
    }

    private static bool TryTakeScheme(ref ReadOnlySpan<byte> rest, out bool isHttp)
    {
        isHttp = false;
        int colon = rest.IndexOf((byte)':');
        if (colon <= 0 || !char.IsAsciiLetter((char)rest[0]))
        {
            return false;
        }

        foreach (byte b in rest[..colon])
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'+' or (byte)'-' or (byte)'.'))
            {
                return false;
            }
        }

        isHttp = Ascii.EqualsIgnoreCase(rest[..colon], "http"u8) || Ascii.EqualsIgnoreCase(rest[..colon], "https"u8);
        rest = rest[(colon + 1)..];
        return true;
    }

    /// <summary>The characters that may stand in a path, or in a query or fragment.</summary>
    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, bool inPath)
    {
        int at = 0;
        while (at < rest.Length)
        {
            int length = LengthOfCharacter(rest[at..], inPath ? ":@/" : ":@/?");
            if (length == 0)
            {
                break;
            }

            at += length;
        }

        ReadOnlySpan<byte> taken = rest[..at];
        rest = rest[at..];
        return taken;
    }

    private static bool AllOf(ReadOnlySpan<byte> text, string also)
    {
        while (!text.IsEmpty)
        {
            int length = LengthOfCharacter(text, also);
            if (length == 0)
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }

    /// <summary>1 for an unreserved character, a sub-delimiter or one of <paramref name="also"/>; 3 for a percent code; 0: not allowed.</summary>
    private static int LengthOfCharacter(ReadOnlySpan<byte> text, string also)
    {
        char c = (char)text[0];
        if (char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~' || SubDelimiters.Contains(c, StringComparison.Ordinal)
            || also.Contains(c, StringComparison.Ordinal))
        {
            return 1;
        }

        return c == '%' && text.Length >= 3 && char.IsAsciiHexDigit((char)text[1]) && char.IsAsciiHexDigit((char)text[2]) ? 3 : 0;
    }

    private static bool ColonBeforeSlash(ReadOnlySpan<byte> path)
    {
        int first = path.IndexOfAny((byte)':', (byte)'/');
        return first >= 0 && path[first] == ':';
    }
}
