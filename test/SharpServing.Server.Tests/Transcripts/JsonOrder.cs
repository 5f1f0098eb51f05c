using System.Text;

namespace SharpServing.Server.Tests.Transcripts;

/// <summary>JSON with the members of each object sorted by name and white space dropped; numbers and bare words keep their text.</summary>
internal static class JsonOrder
{
    /// <returns>Null for what is no JSON.</returns>
    public static string? Normalize(string text)
    {
        int at = 0;
        string? value = Read(text, ref at);
        Skip(text, ref at);
        return at == text.Length ? value : null;
    }

    private static void Skip(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }
    }

    private static string? Read(string text, ref int at)
    {
        Skip(text, ref at);
        if (at == text.Length)
        {
            return null;
        }

        return text[at] switch
        {
            '{' => ReadContainer(text, ref at, '}'),
            '[' => ReadContainer(text, ref at, ']'),
            '"' => ReadString(text, ref at),
            _ => ReadWord(text, ref at),
        };
    }

    private static string? ReadContainer(string text, ref int at, char end)
    {
        char start = text[at++];
        var parts = new List<string>();
        Skip(text, ref at);
        while (at < text.Length && text[at] != end)
        {
            string? part = Read(text, ref at);
            Skip(text, ref at);
            if (end == '}' && at < text.Length && text[at] == ':')
            {
                at++;
                part = $"{part}:{Read(text, ref at)}";
                Skip(text, ref at);
            }

            if (part is null)
            {
                return null;
            }

            parts.Add(part);
            if (at < text.Length && text[at] == ',')
            {
                at++;
                Skip(text, ref at);
            }
        }

        at++;
        if (end == '}')
        {
            parts.Sort(StringComparer.Ordinal);
        }

        return $"{start}{string.Join(',', parts)}{end}";
    }

    private static string? ReadString(string text, ref int at)
    {
        int start = at++;
        while (at < text.Length && text[at] != '"')
        {
            at += text[at] == '\\' ? 2 : 1;
        }

        at++;
        return at <= text.Length ? text[start..at] : null;
    }

    private static string ReadWord(string text, ref int at)
    {
        var word = new StringBuilder();
        while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not (',' or ']' or '}' or ':'))
        {
            word.Append(text[at++]);
        }

        return word.ToString();
    }
}
