using System.Globalization;

namespace SharpServing.Server.Rest;

/// <summary>
/// What a path below /v1 asks for. The rules are those of two regular expressions that the original matches without regard to case:
/// <code>
/// POST /v1/models/NAME[/versions/DIGITS | /labels/LABEL]:(classify|regress|predict)
/// GET  /v1/models[/NAME][/versions/DIGITS | /labels/LABEL][/metadata]
/// </code>
/// NAME and LABEL hold neither slash nor colon. Where NAME may be left out, it is taken if the rest can then still be matched.
/// </summary>
internal readonly record struct RestRoute
{
    private const string Root = "/v1/models";

    /// <summary>Decoded; empty: none.</summary>
    public string Model { get; private init; }

    public long? Version { get; private init; }

    /// <summary>Decoded; null: none.</summary>
    public string? Label { get; private init; }

    /// <summary>As written: <c>predict</c>, <c>metadata</c>; empty: the status.</summary>
    public string Method { get; private init; }

    /// <summary>The version has more digits than fit.</summary>
    public bool HasBadVersion { get; private init; }

    /// <summary>The path with its parts as names: <c>/v1/models/{model}/versions/{version}:predict</c>.</summary>
    public string ToTemplate(bool isPost)
    {
        string version = Version is null ? Label is null ? "" : "/labels/{label}" : "/versions/{version}";
        return $"/v1/models/{{model}}{version}{(Method.Length == 0 ? "" : isPost ? ":" : "/")}{Method}";
    }

    /// <summary>True for paths that the dispatcher takes; all others have the 404 page.</summary>
    public static bool IsServed(string path) => path.StartsWith("/v1/", StringComparison.OrdinalIgnoreCase);

    /// <summary>The method's name is compared with regard to case, unlike the rest.</summary>
    /// <returns>False: the path is malformed.</returns>
    public static bool TryParsePost(string path, out RestRoute route)
    {
        route = default;
        int colon = path.LastIndexOf(':');
        if (colon < 0 || !TryTakeRoot(path.AsSpan(0, colon), out ReadOnlySpan<char> rest) || !TryTakeSegment(ref rest, out string name))
        {
            return false;
        }

        string method = path[(colon + 1)..];
        bool isMethod = method is "classify" or "regress" or "predict";
        route = new RestRoute { Model = HttpDecode(name), Method = method };
        return isMethod && TryTakeVersion(ref rest, ref route) && rest.IsEmpty;
    }

    /// <returns>False: the path is malformed.</returns>
    public static bool TryParseGet(string path, out RestRoute route)
    {
        route = default;
        if (!TryTakeRoot(path, out ReadOnlySpan<char> rest))
        {
            return false;
        }

        ReadOnlySpan<char> named = rest;
        if (TryTakeSegment(ref named, out string name))
        {
            route = new RestRoute { Model = HttpDecode(name), Method = "" };
            if (TryTakeVersion(ref named, ref route) && TryTakeMetadata(ref named, ref route) && named.IsEmpty)
            {
                return true;
            }
        }

        route = new RestRoute { Model = "", Method = "" };
        return TryTakeVersion(ref rest, ref route) && TryTakeMetadata(ref rest, ref route) && rest.IsEmpty;
    }

    private static bool IsOne(ReadOnlySpan<char> text, string expected) => text.Equals(expected, StringComparison.OrdinalIgnoreCase);

    private static bool TryTakeRoot(ReadOnlySpan<char> path, out ReadOnlySpan<char> rest)
    {
        bool isRoot = path.StartsWith(Root, StringComparison.OrdinalIgnoreCase);
        rest = isRoot ? path[Root.Length..] : default;
        return isRoot;
    }

    /// <summary>A slash and at least one character that is neither slash nor colon.</summary>
    private static bool TryTakeSegment(ref ReadOnlySpan<char> rest, out string segment)
    {
        segment = "";
        if (rest.Length < 2 || rest[0] != '/')
        {
            return false;
        }

        int end = rest[1..].IndexOfAny('/', ':');
        segment = (end < 0 ? rest[1..] : rest.Slice(1, end)).ToString();
        rest = rest[(1 + segment.Length)..];
        return segment.Length > 0;
    }

    /// <summary>The optional version or label: false only where its word stands without a value.</summary>
    private static bool TryTakeVersion(ref ReadOnlySpan<char> rest, ref RestRoute route)
    {
        ReadOnlySpan<char> after = rest;
        if (!TryTakeSegment(ref after, out string word))
        {
            return true;
        }

        ReadOnlySpan<char> value = after;
        if (IsOne(word, "versions"))
        {
            if (!TryTakeSegment(ref value, out string digits) || digits.AsSpan().ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }

            bool fits = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long version);
            route = route with { Version = version, HasBadVersion = !fits };
            rest = value;
        }
        else if (IsOne(word, "labels"))
        {
            if (!TryTakeSegment(ref value, out string label))
            {
                return false;
            }

            route = route with { Label = HttpDecode(label) };
            rest = value;
        }

        return true;
    }

    private static bool TryTakeMetadata(ref ReadOnlySpan<char> rest, ref RestRoute route)
    {
        ReadOnlySpan<char> after = rest;
        if (TryTakeSegment(ref after, out string word) && IsOne(word, "metadata"))
        {
            route = route with { Method = word };
            rest = after;
        }

        return true;
    }

    /// <summary>Percent codes become bytes; a plus stays.</summary>
    private static string HttpDecode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        byte[] bytes = new byte[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            bool isCode = text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]);
            bytes[length++] = isCode ? byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) : (byte)text[i];
            i += isCode ? 2 : 0;
        }

        return StatusText.FromBytes(bytes.AsSpan(0, length));
    }
}
