using System.Text;

namespace SharpServing.Server.Rest.Http;

/// <summary>
/// Splits a request target as libevent's <c>evhttp_uri_parse</c> does (RFC 3986, strictly): no character is let through that a URI
/// may not have.
/// </summary>
internal static class HttpUri
{
    private const string SubDelimiters = "!$&'()*+,;=";

    /// <param name="target">As sent.</param>
    /// <param name="path">Path, query and fragment with their marks, not decoded.</param>
    /// <param name="isProxy">True for <c>http://host/…</c>.</param>
    /// <returns>False for what is no URI.</returns>
    public static bool TryParse(ReadOnlySpan<byte> target, out string path, out bool isProxy)
    {
        path = "";
        isProxy = false;
        ReadOnlySpan<byte> rest = target;
        bool hasScheme = TryTakeScheme(ref rest, out bool isHttp);
        bool hasAuthority = rest.StartsWith("//"u8);
        if (hasAuthority)
        {
            rest = rest[2..];
            int end = rest.IndexOfAny("/?#"u8);
            ReadOnlySpan<byte> authority = end < 0 ? rest : rest[..end];
            if (!IsAuthority(authority))
            {
                return false;
            }

            rest = rest[authority.Length..];
            isProxy = hasScheme && isHttp && authority.Length > 0;
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

        if (!rest.IsEmpty
            || (!hasAuthority && pathPart.StartsWith("//"u8))
            || (hasAuthority && pathPart.Length > 0 && pathPart[0] != '/')
            || (!hasScheme && ColonBeforeSlash(pathPart)))
        {
            return false;
        }

        path = Encoding.ASCII.GetString(wanted);
        return true;
    }

    /// <summary>What CONNECT asks for: <c>host:port</c>.</summary>
    public static bool IsAuthority(ReadOnlySpan<byte> text)
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

        int port = text.LastIndexOf((byte)':');
        if (port >= 0 && text[(port + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
        {
            text = text[..port];
        }

        bool isBracketed = text.Length >= 2 && text[0] == '[' && text[^1] == ']';
        return isBracketed ? AllOf(text[1..^1], ":") : AllOf(text, "");
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
