using System.Text;
using System.Text.RegularExpressions;

namespace SharpServing.Server.Tests.Transcripts;

/// <summary>What counts as the same answer: bodies as JSON where the original's order of keys is random, messages field by field.</summary>
internal static partial class Comparison
{
    public static bool SameBody(byte[] want, byte[] got, Exchange exchange)
    {
        if (want.AsSpan().SequenceEqual(got))
        {
            return true;
        }

        string wanted = Encoding.Latin1.GetString(want);
        string answered = Encoding.Latin1.GetString(got);
        if (wanted.Contains("goo.gle/debug", StringComparison.Ordinal) && Loose(wanted) == Loose(answered))
        {
            return true;
        }

        bool bothErrors = wanted.Contains("\"error\"", StringComparison.Ordinal) && answered.Contains("\"error\"", StringComparison.Ordinal);
        if (bothErrors)
        {
            return exchange.BodyVaries;
        }

        return wanted.TrimStart().StartsWith('{') && JsonOrder.Normalize(wanted) is { } a && a == JsonOrder.Normalize(answered);
    }

    /// <summary>Without the random parts of a message's debug text.</summary>
    public static string Loose(string text) =>
        Blanks().Replace(Debug().Replace(text.Replace("\\n", " ", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal), ""), " ");

    public static bool SameMessage(byte[] want, byte[] got) =>
        want.AsSpan().SequenceEqual(got) || (Fields(want, 0) is { } a && a == Fields(got, 0));

    [GeneratedRegex(@"goo\.gle/debug(?:proto|str|only)\s*", RegexOptions.NonBacktracking)]
    private static partial Regex Debug();

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Blanks();

    /// <summary>A message as text with its fields sorted, so that the order of map entries does not count; null: no message.</summary>
    private static string? Fields(ReadOnlySpan<byte> bytes, int depth)
    {
        var parts = new List<string>();
        while (!bytes.IsEmpty)
        {
            if (!TryVarint(ref bytes, out ulong tag) || tag >> 3 == 0)
            {
                return null;
            }

            string value;
            int length = 0;
            switch (tag & 7)
            {
                case 0 when TryVarint(ref bytes, out ulong number):
                    value = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
                    break;
                case 1:
                    length = 8;
                    goto case 5;
                case 5:
                    length = length == 0 ? 4 : length;
                    goto default;
                case 2 when TryVarint(ref bytes, out ulong size) && size <= (ulong)bytes.Length:
                    length = (int)size;
                    goto default;
                default:
                    if ((tag & 7) is not (1 or 2 or 5) || length > bytes.Length)
                    {
                        return null;
                    }

                    ReadOnlySpan<byte> content = bytes[..length];
                    string? inner = (tag & 7) == 2 && length > 0 && depth < 12 ? Fields(content, depth + 1) : null;
                    value = inner ?? Convert.ToHexString(content);
                    bytes = bytes[length..];
                    break;
            }

            parts.Add($"{tag}={value}");
        }

        parts.Sort(StringComparer.Ordinal);
        return $"({string.Join(',', parts)})";
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (int i = 0; i < 10 && i < bytes.Length; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
